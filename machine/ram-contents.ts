/** What RAM holds at power-on: the files that are loaded, and around them zeroes, a byte, or what the machine before a reset left. */
import type { BootPlan } from './boot/boot.ts';
import type { Engine } from './exec/engine.ts';
import type { Pages } from './exec/memory-state.ts';
import type { MachineOptions, RamContents } from './machine.ts';
import type { GuestMemory } from './ports.ts';
import { PAGE_BYTES } from './spec/riscv.ts';

/** The pages of RAM that a machine left. */
const LEFT = new WeakMap<RamContents, Pages>();

export function fillRam(engine: Engine, memory: GuestMemory, { loads }: BootPlan, ram: MachineOptions['ram']): void {
  if (ram !== undefined && 'fill' in ram) engine.fillMemory(ram.fill);
  if (ram !== undefined && 'left' in ram) {
    engine.fillMemory(LEFT.get(ram.left)!);
    for (const { address, bytes, zeroed } of loads) memory.write(address + BigInt(bytes.length), new Uint8Array(Number(zeroed)));
  }
  for (const load of loads) memory.write(load.address, load.bytes);
}

export function ramContents(engine: Engine): RamContents {
  const pages = engine.saveMemory().pages.all;
  const contents: RamContents = { bytes: pages.size * PAGE_BYTES };
  LEFT.set(contents, pages);
  return contents;
}
