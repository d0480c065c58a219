#!/bin/sh
# Builds the sample kernels: OUTDIR/class/<variant>/kernel.elf for every folder of ../source, and OUTDIR/kernels/hello.elf.
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

objects=$(mktemp -d)
trap 'rm -rf -- "$objects"' EXIT

# Frame pointers and line tables stay in, so that a report can name source lines. The debug information calls this folder
# `.` wherever it is. An object has a name of its own because the linker writes the names of assembled ones into the kernel.
compile() { # compile SOURCE, to an object of the same base name
  "$CC" -c -std=gnu17 -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding -fno-pie \
    -O1 -g1 -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-stack-protector \
    -Wall -Wextra -Werror -I. "-ffile-prefix-map=$PWD=." "-ffile-prefix-map=$objects/=" -o "$objects/$(basename -- "${1%.*}").o" "$1"
}

link() { # link KERNEL LINKER_SCRIPT OBJECT...
  kernel=$out/$1 script=$PWD/$2
  shift 2
  mkdir -p "$(dirname -- "$kernel")"
  (cd "$objects" && "$CC" -nostdlib -static -no-pie -march=rv64gc -mabi=lp64d \
    -Wl,--build-id=none,--nmagic,--fatal-warnings "-Wl,-T,$script" -o "$kernel.new" "$@")
  chmod 644 "$kernel.new"
  mv -- "$kernel.new" "$kernel"
}

for source in start.S *.c hello/hello.S; do
  compile "$source"
done

# Every student hands in a write_block.c. Here each gets its variant's name, by which reports then tell them apart.
mkdir "$objects/variants"
for variant in ../source/*/write_block.c; do
  name=$(basename -- "$(dirname -- "$variant")")
  cp -- "$variant" "$objects/variants/$name.c"
  compile "$objects/variants/$name.c"
  case $name in
    fakes-console) lab='' ;; # needs no driver, and is its own main
    *) lab='main.o fdt.o virtio_blk.o virtqueue.o' ;;
  esac
  # shellcheck disable=SC2086
  link "class/$name/kernel.elf" kernel.ld start.o $lab "$name.o" shell.o console.o sbi.o panic.o
done
link kernels/hello.elf hello/kernel.ld hello.o
