#!/bin/sh
# Compiles the kernels of this folder anew: build.sh, with riscv64-linux-gnu-gcc 12.2 (Debian 12).
set -eu
cd "$(dirname "$0")"

# kernel NAME OPTION...
kernel() {
  name=$1
  shift
  riscv64-linux-gnu-gcc -march=rv64imac -mabi=lp64 -mcmodel=medany -ffreestanding -nostdlib -static -fno-pie -no-pie \
    -Wall -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-Ttext=0x80200000 -Wl,-e,_start -Wl,-z,norelro -Wl,-n \
    -ffile-prefix-map="$PWD"=. -gdwarf-4 "$@" -o "$name.elf"
}

kernel hoisted -O2 wait.c
kernel volatile -O2 -DSHARED=volatile wait.c
kernel interrupted -O2 -DINTERRUPT wait.c
kernel interrupted-volatile -O2 -DINTERRUPT -DSHARED=volatile wait.c
kernel stop -O2 -DSTOP wait.c
kernel long -O0 -DSHARED=volatile -DLONG wait.c
kernel origins-O0 -O0 origins.c
kernel origins-O2 -O2 origins.c
kernel far -O0 arguments.c
kernel inlined -O2 -DINLINED arguments.c
kernel inlined-5 -O2 -DINLINED -gdwarf-5 arguments.c
kernel traps -march=rv64imac_zicsr -O1 -Wno-implicit-fallthrough traps.c
