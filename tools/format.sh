#!/bin/sh
# Checks (--check, the default) or repairs (--fix) the format of every tracked source file, with clang-format 14.
set -eu
cd "$(dirname "$0")/.."
mode=${1:---check}
case $mode in
  --check | --fix) ;;
  *)
    echo "usage: $0 [--check|--fix]" >&2
    exit 2
    ;;
esac
formatter=""
for name in clang-format-14 clang-format; do
  if command -v "$name" >/dev/null 2>&1 && "$name" --version | grep -q "version 14\."; then
    formatter=$name
    break
  fi
done
if [ -z "$formatter" ]; then
  echo "$0: needs clang-format 14: tools/install_packages.sh test" >&2
  exit 1
fi
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  list() { git ls-files -z -- '*.cc' '*.h' ':!:examples'; }
else
  list() { find src cmake -name '*.cc' -print0 -o -name '*.h' -print0; }
fi
if [ "$mode" = --fix ]; then
  list | xargs -0 -r -n 20 "$formatter" --style=file -i
  exit 0
fi
wrong=$(list | xargs -0 -r -n 20 "$formatter" --style=file --dry-run 2>&1 |
  sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: .*clang-format-violations.*/\1/p' | sort -u)
if [ -n "$wrong" ]; then
  printf '%s: not formatted\n' $wrong >&2
  echo "tools/format.sh --fix repairs it" >&2
  exit 1
fi
