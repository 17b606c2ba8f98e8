#!/bin/sh
# Configures and builds a preset: tools/build.sh PRESET [TARGET...]. Uses ccache where there is one.
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift
launcher=""
if command -v ccache >/dev/null 2>&1; then
  launcher="-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
fi
clang=""
if [ "$preset" = fuzz ]; then
  clang="-DCMAKE_CXX_COMPILER=clang++-14"  # of the version that install_packages.sh brings, with its fuzzer library
fi
mkdir -p "build/$preset"
if ! cmake --preset "$preset" $launcher $clang >"build/$preset/configure.log" 2>&1; then
  cat "build/$preset/configure.log" >&2
  exit 1
fi
[ $# -gt 0 ] || set -- all
cmake --build --preset "$preset" --parallel "$(tools/jobs.sh)" --target "$@"
