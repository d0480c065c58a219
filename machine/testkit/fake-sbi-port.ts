/**
 * A machine for tests of the SBI: registers, 1 GiB of RAM that holds only what is stored to it, a console, and a log of what
 * the SBI asked the hart to do.
 */
import { hex } from '../hex.ts';
import type { GuestMemory } from '../ports.ts';
import type { SbiHart } from '../sbi/extension.ts';
import { handleSbiCall, type SbiPort } from '../sbi/index.ts';

/** a0 as a signed number, and a1. */
export interface SbiCall {
  readonly error: bigint;
  readonly value: bigint;
}

type HartStatus = ReturnType<SbiHart['state']>;

const RAM_START = 0x8000_0000n;
const RAM_END = 0xc000_0000n;

export class FakeSbiPort implements SbiPort {
  readonly registers: bigint[] = Array.from({ length: 8 }, () => 0n);
  readonly log: string[] = [];
  readonly identity = { vendor: 0x11n, architecture: 0x22n, implementation: 0x33n };
  output = '';
  readonly #bytes = new Map<bigint, number>();
  readonly #keys: number[];
  readonly #virtual: ReadonlyMap<bigint, bigint>;

  constructor(
    options: { at?: bigint; bytes?: string; keys?: string; virtual?: ReadonlyMap<bigint, bigint>; harts?: readonly HartStatus[] } = {},
  ) {
    this.#keys = [...new TextEncoder().encode(options.keys ?? '')];
    this.#virtual = options.virtual ?? new Map();
    this.states = [...(options.harts ?? ['started' as const])];
    this.harts = this.states.map((_, number) => this.#hart(number));
    if (options.at !== undefined) this.memory.write(options.at, new TextEncoder().encode(options.bytes ?? ''));
  }

  /** ECALL with a7, a6 and a0…a5. */
  call(id: bigint, fid: bigint, ...args: bigint[]): SbiCall {
    for (let index = 0; index < 6; index++) this.registers[index] = args[index] ?? 0n;
    this.registers[6] = fid;
    this.registers[7] = id;
    handleSbiCall(this);
    return { error: BigInt.asIntN(64, this.registers[0]!), value: this.registers[1]! };
  }

  text(address: bigint, length: number): string {
    return new TextDecoder().decode(this.memory.read(address, length));
  }

  register(index: number): bigint {
    return this.registers[index]!;
  }

  setRegister(index: number, value: bigint): void {
    this.registers[index] = BigInt.asUintN(64, value);
  }

  readonly console = {
    putByte: (byte: number): void => {
      this.output += String.fromCharCode(byte);
    },
    getByte: (): number => this.#keys.shift() ?? -1,
  };

  readonly memory: GuestMemory = {
    end: RAM_END,
    read: (address, length) => {
      if (!inRam(address, length)) return undefined;
      return Uint8Array.from({ length }, (_, index) => this.#bytes.get(address + BigInt(index)) ?? 0);
    },
    write: (address, bytes) => {
      if (!inRam(address, bytes.length)) return false;
      bytes.forEach((byte, index) => {
        this.#bytes.set(address + BigInt(index), byte);
      });
      return true;
    },
  };

  loadVirtual(address: bigint): bigint | undefined {
    return this.#virtual.get(address);
  }

  setTimer(time: bigint): void {
    this.log.push(`timer ${time}`);
  }

  clearSoftwareInterrupt(): void {
    this.log.push('ipi false');
  }

  readonly states: HartStatus[];
  readonly harts: readonly SbiHart[];

  #hart(number: number): SbiHart {
    const name = number === 0 ? '' : ` ${number}`;
    return {
      state: () => this.states[number]!,
      start: ({ address, opaque }) => this.log.push(`start${name} at ${hex(address)} ${opaque}`),
      interrupt: () => this.log.push(`ipi${name} true`),
      flushTranslations: () => this.log.push(`flush${name}`),
    };
  }

  shutdown(kind: 'poweroff' | 'reset'): void {
    this.log.push(`shutdown ${kind}`);
  }

  stopHart(): void {
    this.log.push('stop');
  }

  suspendHart(resume?: { address: bigint; opaque: bigint }): void {
    this.log.push(resume ? `suspend until ${hex(resume.address)} ${resume.opaque}` : 'suspend');
  }
}

function inRam(address: bigint, length: number): boolean {
  return address >= RAM_START && address + BigInt(length) <= RAM_END;
}
