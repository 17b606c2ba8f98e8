#!/bin/sh
# Builds the fuzz preset and runs every target (or those named) for SECONDS_EACH (60) on its corpus. What it finds on the
# way is kept in build/fuzz/corpus/TARGET; inputs that crash go to build/fuzz/crashes/, and belong in the corpus of src/
# together with the fix.
set -eu
cd "$(dirname "$0")/.."
tools/build.sh fuzz
failed=""
ran=0
mkdir -p build/fuzz/crashes
for source in $(find src -name '*_fuzz.cc' | sort); do
  target=$(basename "$source" .cc)
  if [ $# -gt 0 ]; then
    case " $* " in *" $target "*) ;; *) continue ;; esac
  fi
  program=$(find build/fuzz/src -type f -name "$target" | head -n 1)
  kept=build/fuzz/corpus/$target
  mkdir -p "$kept"
  echo "== $target"
  "$program" -max_total_time="${SECONDS_EACH:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -close_fd_mask=1 -artifact_prefix="build/fuzz/crashes/$target-" "$kept" "$(dirname "$source")/corpus/$target" \
    2>"build/fuzz/$target.log" || failed="$failed $target"
  grep -E 'stat::(number_of_executed_units|peak_rss_mb)|SUMMARY' "build/fuzz/$target.log" || true
  ran=$((ran + 1))
done
if [ -n "$failed" ]; then
  echo "failed:$failed (see build/fuzz/TARGET.log and build/fuzz/crashes)" >&2
  exit 1
fi
echo "$ran targets, no failure"
