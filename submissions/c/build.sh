#!/bin/sh
# Builds the sample kernels: OUTDIR/class/<variant>/kernel.elf for every file in variants/, and OUTDIR/kernels/hello.elf.
#
#   submissions/c/build.sh OUTDIR      (OUTDIR = submissions replaces the committed ones)
#
# The same compiler gives the same bytes wherever the sources and OUTDIR are: Debian 12's gcc 12.2.0 and binutils 2.40
# built the committed ones (packages gcc-riscv64-linux-gnu and binutils-riscv64-linux-gnu).
# Exit status: 2 for bad usage, 3 when the compiler is missing.
set -eu

CC=riscv64-linux-gnu-gcc

if [ $# -ne 1 ]; then
  echo "usage: $0 OUTDIR" >&2
  exit 2
fi
if ! command -v "$CC" >/dev/null; then
  echo "$0: $CC is not installed (Debian package gcc-riscv64-linux-gnu): no kernels built" >&2
  exit 3
fi

mkdir -p "$1"
out=$(CDPATH= cd -- "$1" && pwd)
cd -- "$(dirname -- "$0")"

# Frame pointers and line tables stay in, so that a report can name source lines. The debug information calls this folder
# `.` wherever it is.
compile() { # compile LINKER_SCRIPT OUTPUT SOURCE...
  script=$1 output=$2
  shift 2
  mkdir -p "$(dirname -- "$output")"
  "$CC" -std=gnu17 -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding -nostdlib -static -fno-pie -no-pie \
    -O1 -g1 -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-stack-protector \
    -Wall -Wextra -Werror -I. "-ffile-prefix-map=$PWD=." \
    -Wl,--build-id=none,--nmagic,--fatal-warnings "-Wl,-T,$script" -o "$output.new" "$@"
  chmod 644 "$output.new"
  mv -- "$output.new" "$output"
}

for variant in variants/*.c; do
  name=$(basename "$variant" .c)
  case $name in
    fakes-console) sources='' ;; # needs no driver
    *) sources='main.c fdt.c virtio_blk.c virtqueue.c' ;;
  esac
  # shellcheck disable=SC2086
  compile kernel.ld "$out/class/$name/kernel.elf" start.S $sources "$variant" shell.c console.c sbi.c panic.c
done
compile hello/kernel.ld "$out/kernels/hello.elf" hello/hello.S
