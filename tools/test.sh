#!/bin/sh
# What `make test` does: packages, format, floors, a build with sanitizers, and every test. Its last line counts the
# tests; it fails when one of them did, or when something before them did.
set -u
cd "$(dirname "$0")/.."
results=build/dev/test-results.xml
rm -f "$results"
steps=""
step() {  # name, command...: runs it and remembers how it ended
  name=$1
  shift
  echo "== $name"
  if "$@"; then
    steps="$steps --step $name=passed"
  else
    steps="$steps --step $name=failed"
    return 1
  fi
}
step packages tools/install_packages.sh test
step format tools/format.sh --check
step floors python3 tools/check_floors.py
if step build tools/build.sh dev; then
  echo "== tests"
  # The count below decides, and it has the details; ctest's own end is only shown.
  ctest --preset dev --parallel "$(tools/jobs.sh)" --output-on-failure --output-junit test-results.xml
fi
# shellcheck disable=SC2086
exec python3 tools/summarise_tests.py $steps "$results"
