#!/bin/sh
# Writes the crates that this kernel and Rust's own library need, so that it can be built without a network:
#   vendor.sh FOLDER   (rubrics/lab13-ostd.yaml expects them in submissions/ostd-crates)
# Exit code: 0 done, 2 wrong usage, 3 the toolchain is missing, else Cargo's.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: vendor.sh FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"

# Debian's toolchain comes first, whatever else is installed.
PATH=/usr/bin:$PATH
library=$(rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library
if [ ! -d "$library/core" ]; then
  echo "vendor.sh: Rust's own source is missing: on Debian 12 install rustc-web, cargo-web and rust-web-src at version 1.85.0 (see README.md)" >&2
  exit 3
fi

# The standard library is built as well (build-std), and its workspace has a lock file of its own.
RUSTC_BOOTSTRAP=1 cargo vendor --quiet --locked --sync "$library/test/Cargo.toml" "$out" >/dev/null
# As root, builds run as the user nobody, and some crates hold files that only their owner may read.
chmod -R a+rX "$out"
