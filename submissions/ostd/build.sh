#!/bin/sh
# Builds the kernel of each submission in ../source-ostd:
#   build.sh FOLDER   writes FOLDER/ostd-passes/kernel.elf and FOLDER/ostd-writable-data/kernel.elf
# The same toolchain gives the same bytes, wherever this folder, Cargo's home and FOLDER are.
# Exit code: 0 built, 2 wrong usage, 3 the toolchain is missing (one line says which part), else Cargo's.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: build.sh FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"

missing() {
  echo "build.sh: $1 is missing: on Debian 12 install $2 (see README.md)" >&2
  exit 3
}

# Debian's toolchain comes first, whatever else is installed.
PATH=/usr/bin:$PATH
rust_packages="rustc-web, cargo-web, libstd-rust-web-dev and rust-web-src at version 1.85.0"
case $(rustc --version 2>/dev/null) in "rustc 1.85.0 "*) ;; *) missing "rustc 1.85.0" "$rust_packages" ;; esac
case $(cargo --version 2>/dev/null) in "cargo 1.85.0 "*) ;; *) missing "cargo 1.85.0" "$rust_packages" ;; esac
rust_source=$(rustc --print sysroot)/lib/rustlib/src/rust
[ -d "$rust_source/library/core" ] || missing "the source of Rust's core library" "$rust_packages"
command -v ld.lld-19 >/dev/null || missing "ld.lld-19" "lld-19"
command -v riscv64-linux-gnu-gcc >/dev/null || missing "riscv64-linux-gnu-gcc" "gcc-riscv64-linux-gnu"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$PWD

# What the environment may hold would go into the result.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET RUSTC RUSTC_WORKSPACE_WRAPPER
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
export CARGO_TARGET_DIR="$work/target"
export RUSTC_WRAPPER="$here/remap-paths.sh"
export RUST_SOURCE="$rust_source" SOURCE="$work/source"
# OSTD needs features that only a nightly compiler, or this, allows.
export RUSTC_BOOTSTRAP=1

cargo fetch --quiet --locked

# This tree, with the one file that a student hands in.
for submission in ../source-ostd/*/; do
  name=$(basename "$submission")
  rm -rf "$SOURCE"
  mkdir "$SOURCE"
  cp -R .cargo Cargo.toml Cargo.lock build.rs kernel.ld programs src "$SOURCE"
  cp -R "$submission." "$SOURCE"
  (cd "$SOURCE" && cargo build --quiet --release --locked)
  mkdir -p "$out/$name"
  cp "$CARGO_TARGET_DIR/riscv64imac-unknown-none-elf/release/lab13-ostd" "$out/$name/kernel.elf.new"
  chmod 644 "$out/$name/kernel.elf.new"
  mv "$out/$name/kernel.elf.new" "$out/$name/kernel.elf"
done
