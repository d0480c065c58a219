/** `bootgrade run --help`. */
import { KEYS_HELP } from '../emulator/console.ts';

export const RUN_HELP = `usage: bootgrade run OPTION…

Boots a kernel on QEMU's riscv64 "virt" board, from QEMU's own command line:

  -kernel FILE   -initrd FILE   -append TEXT   -bios none|default|FILE
  -cpu rv64[,NAME=true|false…]   -machine virt   -m SIZE   -no-reboot   -nographic
  -drive file=IMAGE,if=none,id=NAME,format=raw[,snapshot=on][,readonly=on]
  -device virtio-blk-device,drive=NAME[,serial=TEXT][,bus=virtio-mmio-bus.N]
  -global virtio-mmio.force-legacy=false
  -snapshot      keep all images as they are; without it, writes reach the file
  -serial stdio|null|chardev:NAME   -chardev stdio|null,id=NAME

and options of its own:

  --until TEXT               end, with exit code 0, once the console has shown TEXT
  --limit 10s|10G            end, with exit code 124, after guest time (s, ms, us)
                             or instructions (K, M, G: powers of ten)
  --when TEXT --type KEYS    once the console has shown TEXT, type KEYS
                             (\\n \\r \\t \\\\ \\xNN); several pairs, in order
  --clock 10ns           guest time that an instruction takes (default: 1ns)
  --schedule hart1@5000+20us   preempt hart 1 at guest time 5000 ns for 20 us;
                             hart1:store@5000+20us: others see its store late;
                             several, with commas (docs/harts.md)
  --fill-ram BYTE            what RAM holds at power-on; without it 0
  --events FILE              write every disk request as a JSON line

The console is on standard output; keys come from standard input.
${KEYS_HELP}.
Exit code: the test finisher's; 0 for power-off and --until; 1 when the kernel
cannot go on; 2 for bad usage; 3 when this computer fails; 124 at the limit.

Examples:
  bootgrade run -machine virt -m 1G -nographic -kernel kernel.elf
  bootgrade run -nographic -kernel kernel.elf --limit 10s --when '$ ' --type 'ls\\n'
`;
