/**
 * The built-in SBI as the firmware of a hart: it sets the registers of M mode as OpenSBI does, and answers ECALLs from S mode.
 * Reference: board.md, "Boot" (OpenSBI's state at hand-over, measured); RISC-V SBI 2.0.
 */
import type { Uart16550 } from '../devices/uart16550.ts';
import { COUNTERS } from '../hart/counters.ts';
import { IDENTITY } from '../hart/csr.ts';
import type { Hart } from '../hart/hart.ts';
import type { Firmware, FirmwareState, RefusedCall } from '../hart/options.ts';
import { PMP_ALL, setPmpRegion } from '../hart/pmp.ts';
import { type Alarm, type GuestMemory, type MachineStop, NANOSECONDS_PER_TICK } from '../ports.ts';
import { ENVCFG, INTERRUPT, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { ACLINT, FIRMWARE_REGIONS } from '../spec/virt-board.ts';
import { type ResumePoint, SBI_SUCCESS, type SbiHart } from './extension.ts';
import { extensionOf, handleSbiCall, type SbiPort } from './index.ts';

/** medeleg, mideleg and the counters as OpenSBI 1.5 leaves them on a hart without the hypervisor extension. */
const MEDELEG = 0xb109n;
const MIDELEG = 0x222n;
/** misa's letter F: with it, S mode starts with floating point switched on. */
const MISA_F = 1n << 5n;
/** The registers of the 16550 that OpenSBI reads to get a key. */
const RBR = 0;
const LSR = 5;
const DATA_READY = 1;
const [A0, A6, A7] = [10, 16, 17] as const;
/**
 * Registers that hold the same after each start with QEMU 10's OpenSBI 1.5.1, whatever the kernel is: ra (the return address of its last
 * call), sp and tp (its own stack, its data of this hart). They are seen in the register dumps of kernels that panic early.
 */
const LEFT_BEHIND: readonly (readonly [number, bigint])[] = [
  [1, 0x8000_e5d8n],
  [2, 0x8004_7ec0n],
  [4, 0x8004_8000n],
];
const ECALL_LENGTH = 4n;

export interface FirmwareParts {
  /** The firmware of each hart, by number, once all are made. */
  readonly harts: readonly BuiltinFirmware[];
  readonly memory: GuestMemory;
  readonly uart: Uart16550;
  readonly transmit: (byte: number) => void;
  readonly stop: (stop: MachineStop) => void;
}

export class BuiltinFirmware implements Firmware, SbiHart {
  readonly #hart: Hart;
  readonly #port: SbiPort;
  readonly #timer: Alarm;
  refused: RefusedCall | undefined;
  /** Where S mode goes on when the hart is woken; undefined: after the call. */
  #resumePoint: ResumePoint | undefined;
  #isSuspended = false;
  isStopped = false;

  constructor(hart: Hart, parts: FirmwareParts) {
    this.#hart = hart;
    this.#timer = hart.clock.alarm(() => hart.setPending(INTERRUPT.supervisorTimer, true));
    this.#port = this.#createPort(parts);
    const { state } = hart;
    state.set('medeleg', MEDELEG);
    state.set('mideleg', MIDELEG);
    state.set('mcounteren', COUNTERS);
    state.set('scounteren', 7n);
    this.#hideMachineMemory();
    state.set('menvcfg', state.get('menvcfg') | ENVCFG.CBIE | ENVCFG.CBCFE | ENVCFG.CBZE | (hart.options.sstc ? ENVCFG.STCE : 0n));
    if ((hart.options.misa & MISA_F) !== 0n) state.set('mstatus', state.get('mstatus') | STATUS.FS);
    state.setSmall('privilege', PRIVILEGE.supervisor);
    if (hart.options.id === 0) {
      for (const [register, value] of LEFT_BEHIND) state.setX(register, value);
      this.#start();
    } else this.stop();
  }

  state(): 'started' | 'stopped' | 'suspended' {
    if (this.isStopped) return 'stopped';
    return this.#isSuspended && this.#hart.waiting ? 'suspended' : 'started';
  }

  /** The hart waits until a different one starts it. */
  stop(): void {
    this.isStopped = true;
    this.#hart.waitForInterrupt();
  }

  start(at: ResumePoint): void {
    this.isStopped = false;
    this.#hart.wake();
    this.#resume(at);
  }

  interrupt(): void {
    this.#hart.setPending(INTERRUPT.supervisorSoftware, true);
  }

  flushTranslations(): void {
    this.#hart.flushTlb();
  }

  /**
   * S mode starts at pc. OpenSBI leaves that address in stvec (sbi_hart_switch_mode), so a trap before the kernel sets it starts the kernel
   * once more.
   */
  #start(): void {
    const { state, traps } = this.#hart;
    const pc = state.get('pc');
    // The lowest bits are a mode, and 2 is a reserved one: then stvec stays as it is.
    if ((pc & 2n) === 0n) state.set('stvec', pc);
    traps.started(state.get('stvec'));
    for (const register of ['sscratch', 'satp', 'levels'] as const) state.set(register, 0n);
    state.set('mie', state.get('mie') & ~MIDELEG);
    this.#hart.contextChanged();
  }

  /** S mode may access everything but the firmware's memory and the registers of the M-mode timer. */
  #hideMachineMemory(): void {
    const { state } = this.#hart;
    const hidden = [ACLINT, ...FIRMWARE_REGIONS];
    for (const [index, region] of hidden.entries()) setPmpRegion(state, index, region, 0);
    setPmpRegion(state, hidden.length, 'everything', PMP_ALL);
    this.#hart.protectionChanged();
  }

  call(): void {
    const { state } = this.#hart;
    const pc = state.get('pc');
    state.set('pc', pc + ECALL_LENGTH);
    const argument = state.x(A0);
    const error = handleSbiCall(this.#port);
    if (error === undefined) return;
    if (error === SBI_SUCCESS) this.refused = undefined;
    else {
      const extension = state.x(A7);
      const call = { pc, extension, function: state.x(A6), argument, error: BigInt.asIntN(64, error) };
      this.refused = { ...call, known: extensionOf(extension), time: this.#hart.now() };
    }
  }

  #createPort({ harts, memory, uart, transmit, stop }: FirmwareParts): SbiPort {
    const hart = this.#hart;
    const { state } = hart;
    /** For calls that change more than registers and memory: a loop with such a call cannot be proved to repeat. */
    const effect =
      <A extends unknown[]>(f: (...args: A) => void) =>
      (...args: A): void => {
        hart.engine.loops.touch();
        f(...args);
      };
    return {
      register: (index) => state.x(A0 + index),
      setRegister: (index, value) => state.setX(A0 + index, value),
      console: { putByte: effect(transmit), getByte: () => this.#getByte(uart) },
      memory,
      loadVirtual: (address) => hart.loadAsSupervisor(address),
      setTimer: effect((time: bigint) => this.#setTimer(time)),
      clearSoftwareInterrupt: () => hart.setPending(INTERRUPT.supervisorSoftware, false),
      harts,
      identity: IDENTITY,
      shutdown: effect((kind: 'poweroff' | 'reset') => stop({ reason: kind })),
      stopHart: effect(() => {
        this.stop();
        // Then no hart is left that could start another one.
        if (harts.every(({ isStopped }) => isStopped)) stop({ reason: 'idle' });
      }),
      suspendHart: effect((resume?: ResumePoint) => {
        this.#resumePoint = resume;
        this.#isSuspended = true;
        hart.waitForInterrupt();
      }),
    };
  }

  /** After a non-retentive suspension (SBI 2.0, "Hart Suspend", table 22) S mode begins as at its start. */
  woken(): void {
    const resumePoint = this.#resumePoint;
    this.#resumePoint = undefined;
    this.#isSuspended = false;
    if (resumePoint) this.#resume(resumePoint);
  }

  save(): FirmwareState {
    return { resume: this.#resumePoint, refused: this.refused, isStopped: this.isStopped, isSuspended: this.#isSuspended };
  }

  restore({ resume, refused, isStopped, isSuspended }: FirmwareState): void {
    this.#resumePoint = resume;
    this.isStopped = isStopped;
    this.#isSuspended = isSuspended;
    this.refused = refused;
  }

  #resume({ address, opaque }: ResumePoint): void {
    const hart = this.#hart;
    const { state } = hart;
    state.set('pc', address);
    state.set('mstatus', state.get('mstatus') & ~STATUS.SIE);
    state.setX(A0, BigInt(hart.options.id));
    state.setX(A0 + 1, opaque);
    hart.flushTlb();
    this.#start();
  }

  /** A key, or -1. If there is none, nothing changes. */
  #getByte(uart: Uart16550): number {
    if ((uart.read(LSR) & DATA_READY) === 0) return -1;
    this.#hart.engine.loops.touch();
    return uart.read(RBR);
  }

  /** With Sstc the comparator raises STIP when the time comes; without it, the SBI does. */
  #setTimer(time: bigint): void {
    const hart = this.#hart;
    this.#timer.at = undefined;
    hart.state.set('stimecmp', time);
    if (hart.options.sstc) return hart.timerChanged();
    hart.setPending(INTERRUPT.supervisorTimer, false);
    const at = Number(time) * NANOSECONDS_PER_TICK;
    if (Number.isSafeInteger(at)) this.#timer.at = at;
  }
}
