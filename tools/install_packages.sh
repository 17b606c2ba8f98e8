#!/bin/sh
# Installs the Debian packages that a task needs, on Debian 12 and Ubuntu 24.04, as root or through sudo.
#
#     tools/install_packages.sh build      to build surety
#     tools/install_packages.sh test       and to test it
#     tools/install_packages.sh develop    and for clang-tidy and the fuzz targets
#
# When all are there it asks nothing of the network and needs no rights.
set -eu

# Boost 1.81 or later with Beast; each release has another one beside its default.
boost=libboost-dev
if grep -qs "^VERSION_CODENAME=bookworm" /etc/os-release; then
  boost=libboost1.81-dev
elif grep -qs "^VERSION_CODENAME=noble" /etc/os-release; then
  boost=libboost1.83-dev
fi

# libgtest-dev, libgmock-dev, python3: cmake looks for them whatever is built.
build="g++ cmake ninja-build make pkg-config ca-certificates
  libssl-dev libsimdjson-dev libyaml-cpp-dev libre2-dev libvectorscan-dev libseccomp-dev libsqlite3-dev libgit2-dev libcurl4-openssl-dev libcli11-dev
  $boost libnghttp2-dev zlib1g-dev libexpat1-dev libbz2-dev liblzma-dev liblz4-dev libzstd-dev libarchive-dev
  libutf8proc-dev librust-blake3-dev libgtest-dev libgmock-dev python3"
# Format is checked with one version of clang-format, since each formats differently.
test="$build clang-format-14 git mandoc strace python3-venv openssl openssh-client"
develop="$test clang-14 clang-tidy-14 libclang-rt-14-dev"

case "${1:-}" in
  build) wanted=$build ;;
  test) wanted=$test ;;
  develop) wanted=$develop ;;
  *)
    echo "usage: $0 build|test|develop" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "$0: not a Debian system; install by hand what stands for:" $wanted >&2
  exit 1
fi

missing=""
for package in $wanted; do
  if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]; then
    missing="$missing $package"
  fi
done
[ -n "$missing" ] || exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "$0: neither root nor sudo; ask for these packages:$missing" >&2
    exit 1
  fi
  sudo="sudo"
fi
echo "installing:$missing" >&2
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
