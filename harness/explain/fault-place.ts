/** What lies where a kernel was to execute something: its code, something else of its file, memory, or nothing. */
import type { Machine } from '../../machine/index.ts';
import { FIRMWARE_END, RAM_BASE } from '../../machine/spec/virt-board.ts';
import { hex } from '../bytes/hex.ts';
import type { ExplainedException } from '../evidence/exception.ts';
import type { KernelCode } from './code.ts';

/** Whether an address leads to the kernel's code. A kernel may run at physical addresses before its page table is in force, and map its code a second time. */
export function executesCode({ debug }: Machine, address: bigint, code: KernelCode): boolean {
  if (code.isCode(address)) return true;
  const { end } = debug.walk(address);
  return 'physical' in end && code.isCodeInMemory(end.physical);
}

/** Null for code. */
export function placeOf(machine: Machine, address: bigint, code: KernelCode): ExplainedException['there'] {
  if (executesCode(machine, address, code)) return null;
  const { end } = machine.debug.walk(address);
  const isMemory = 'physical' in end && machine.debug.readMemory(end.physical, 2) !== undefined;
  return { symbol: code.variableAt(address), section: code.sectionAt(address), isMemory };
}

/** What is at the address of an access that the page table allows. `value`: the address; a page that it does not map is said elsewhere. */
export function targetOf(machine: Machine, value: bigint): ExplainedException['target'] {
  const { end } = machine.debug.walk(value);
  if (!('physical' in end)) return null;
  const { physical } = end;
  return { kind: kindOf(machine, physical), physical: hex(physical), ramEnd: hex(machine.debug.ramEnd()) };
}

/** Whether a physical address is one of the firmware's. Without firmware that memory is the kernel's. */
export function isFirmware(machine: Machine, physical: bigint): boolean {
  return physical >= BigInt(RAM_BASE) && physical < BigInt(FIRMWARE_END) && machine.interrupts().firmware;
}

function kindOf(machine: Machine, physical: bigint): NonNullable<ExplainedException['target']>['kind'] {
  if (isFirmware(machine, physical)) return 'firmware';
  if (machine.debug.readMemory(physical, 1) !== undefined) return 'ram';
  return machine.deviceAt(physical) === undefined ? 'nothing' : 'device';
}
