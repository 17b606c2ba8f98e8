#!/bin/sh
# What `make demo` does: packages, a release build, and one assessment as text and as an HTML report.
set -eu
cd "$(dirname "$0")/.."
tools/install_packages.sh build
tools/build.sh release surety
out=build/demo
report=$out/support-assistant.html
mkdir -p "$out"
rm -f "$report"
code=0
build/release/src/app/surety assess examples/support-assistant --state "$out/state" --output "$report" || code=$?
echo
case $code in
  0) echo "The example passed." ;;
  1) echo "Exit code 1: provisions are not met. The example has its faults on purpose: examples/support-assistant/FAULTS.md" ;;
  3) echo "Exit code 3: there are provisions about which nothing can be told." ;;
  *)
    echo "surety failed with exit code $code" >&2
    exit "$code"
    ;;
esac
[ -s "$report" ] || { echo "no report was written" >&2; exit 1; }
echo "The same result as a page for the browser: $(pwd)/$report"
