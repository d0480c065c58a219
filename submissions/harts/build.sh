#!/bin/sh
# Builds the kernels with mistakes between harts: OUTDIR/NAME/kernel.elf and OUTDIR/NAME-correct/kernel.elf for every NAME.c of this folder.
#
#   submissions/harts/build.sh OUTDIR      (OUTDIR = submissions/harts/class replaces the committed ones)
#
# The same compiler gives the same bytes wherever the sources and OUTDIR are: Debian 12's, as in ../c/build.sh.
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

compile() { # compile SOURCE OBJECT [OPTION]
  source=$1 object=$2
  shift 2
  "$CC" -c -std=gnu17 -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding -fno-pie \
    -O1 -g1 -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-stack-protector \
    -Wall -Wextra -Werror -Icommon "$@" "-ffile-prefix-map=$PWD=." "-ffile-prefix-map=$objects/=" -o "$objects/$object" "$source"
}

link() { # link NAME, of the object of the same name
  mkdir -p "$out/$1"
  (cd "$objects" && "$CC" -nostdlib -static -no-pie -march=rv64gc -mabi=lp64d \
    -Wl,--build-id=none,--nmagic,--fatal-warnings "-Wl,-T,$script" -o kernel.new start.o harts.o "$1.o")
  chmod 644 "$objects/kernel.new"
  mv -- "$objects/kernel.new" "$out/$1/kernel.elf"
}

script=$PWD/common/kernel.ld
compile common/start.S start.o
compile common/harts.c harts.o
for source in *.c; do
  name=${source%.c}
  compile "$source" "$name.o"
  compile "$source" "$name-correct.o" -DCORRECT
  link "$name"
  link "$name-correct"
done
