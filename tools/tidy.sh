#!/bin/sh
# Runs clang-tidy over the source files that differ from main (or that are named; --all for every one), two at a time.
# Needs a configured preset: PRESET (dev unless set) says which compile_commands.json is read.
set -eu
cd "$(dirname "$0")/.."
preset=${PRESET:-dev}
tidy=""
for name in clang-tidy-14 clang-tidy; do
  if command -v "$name" >/dev/null 2>&1; then
    tidy=$name
    break
  fi
done
if [ -z "$tidy" ]; then
  echo "$0: needs clang-tidy: tools/install_packages.sh develop" >&2
  exit 1
fi
if [ ! -f "build/$preset/compile_commands.json" ]; then
  cmake --preset "$preset" >/dev/null
fi
if [ "${1:-}" = --all ]; then
  files=$(git ls-files -- 'src/*.cc')
elif [ $# -gt 0 ]; then
  files=$(printf '%s\n' "$@")
else
  files=$({
    git diff --name-only --diff-filter=d "$(git merge-base HEAD "${BASE:-main}")" -- 'src/*.cc'
    git ls-files --others --exclude-standard -- 'src/*.cc'
  } | sort -u)
fi
if [ -z "$files" ]; then
  echo "nothing differs from ${BASE:-main}; --all checks every file"
  exit 0
fi
# gcc's own flags mean nothing to clang.
printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 -r -n 1 -P 2 "$tidy" -p "build/$preset" --quiet \
  --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument
