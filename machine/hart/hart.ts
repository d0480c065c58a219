/**
 * The hart: runs the generated code and does what that leaves to TypeScript (traps, privileged instructions, slow CSRs).
 *
 * Reference: RISC-V Privileged Architecture. What a trap into M mode means is the board's decision: firmware of the guest's own
 * takes it, or the built-in SBI (`Firmware`).
 */
import { type Core, instantiate } from '../exec/core.ts';
import { DecodedPages } from '../exec/decoded-pages.ts';
import { createDecoder, isCompressed } from '../exec/decoder.ts';
import { createEntryDecoder } from '../exec/entry-decoder.ts';
import { EXIT } from '../exec/exit.ts';
import { GuestClock } from '../exec/guest-clock.ts';
import { LoopProof } from '../exec/loop-proof.ts';
import { type DecodedEntry, readEntry } from '../exec/operations.ts';
import { HOT, Translator } from '../exec/translator.ts';
import { SOFT_OPERATIONS } from '../isa/float.ts';
import type { Extension, SystemOperation } from '../isa/instruction.ts';
import { ACCESS, FAULT } from '../mmu/walk.ts';
import { EXCEPTION, INTERRUPT, PRIVILEGE } from './cause.ts';
import { Counter } from './counters.ts';
import { type CsrPort, fillCsrTable } from './csr.ts';
import { executeCsr } from './csr-instruction.ts';
import { FloatUnit } from './float-unit.ts';
import { compilePmp } from './pmp.ts';
import { createMemory, DECODED_STORES, HartState, RAM, RAM_BASE } from './state.ts';
import { ENVCFG, STATUS } from './status.ts';
import { SYSTEM_OPERATIONS, type SystemPort } from './system.ts';
import { flushTlb } from './tlb.ts';
import { breakReservation, enterTrap, pendingInterrupt, trapTarget } from './trap.ts';
import { Watchpoints } from './watchpoints.ts';

/** Bus accesses of the hart: 32-bit physical addresses; undefined where nothing answers. */
export interface HartBus {
  read(address: number, width: number): number | undefined;
  /** False where nothing answers. */
  write(address: number, width: number, value: number): boolean;
}

/** What stands in for M-mode software; without it, the guest's own runs there. */
export interface Firmware {
  /** An ECALL from S mode. pc is the ECALL's; the port moves it on. */
  call(): void;
}

export interface HartOptions {
  readonly ramBytes: number;
  readonly extensions: ReadonlySet<Extension>;
  readonly sstc: boolean;
  /** Svadu: menvcfg.ADUE says whether the hart sets A and D bits. Without it, it does. */
  readonly svadu: boolean;
  /** Zihpm: the counters 3 to 31 are there, and stay 0. */
  readonly zihpm: boolean;
  /** Of the deepest page table that satp takes: Sv39, Sv48, Sv57. */
  readonly pageTableLevels: 3 | 4 | 5;
  readonly misa: bigint;
  readonly bus: HartBus;
  /** Ticks that a write to mtime has added to the timebase. */
  readonly timeOffset: () => bigint;
}

/** An exception as the hart took it: an explanation for a kernel that does not survive it. */
export interface TakenException {
  readonly pc: bigint;
  readonly cause: number;
  readonly tval: bigint;
  /** Privilege mode that it came from (cause.ts). */
  readonly privilege: number;
  /** Instructions retired before it, and guest time in nanoseconds. */
  readonly instructions: bigint;
  readonly time: number;
  /** The next exception, where it came before any instruction retired: the trap vector itself faulted. */
  nested: { readonly pc: bigint; readonly cause: number; readonly tval: bigint } | undefined;
  /** Traps that had been taken and not returned from before it; and whether it was returned from since. */
  readonly depth: number;
  returned: boolean;
}

/** Why `run` came back: the time was reached, or nothing can change any more (ports.ts, MachineStop). */
export type HartStop = 'time' | 'idle' | 'trap-loop' | 'hang' | 'waiting-for-input';

/** The 10 MHz timebase (decision 3). */
const NANOSECONDS_PER_TICK = 100;

export class Hart implements CsrPort, SystemPort {
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Core;
  readonly misa: bigint;
  readonly sstc: boolean;
  readonly svadu: boolean;
  readonly zihpm: boolean;
  readonly pageTableLevels: number;
  readonly compressed: boolean;
  readonly cycleCounter = new Counter();
  readonly retiredCounter = new Counter();
  firmware: Firmware | undefined;
  private readonly pages: DecodedPages;
  readonly translator: Translator;
  private readonly float: FloatUnit;
  /** Told of everything that a comparison of registers and memory would miss. */
  readonly loops: LoopProof;
  readonly watchpoints: Watchpoints;
  /** The last one that was no call and came from no user program. */
  lastException: TakenException | undefined;
  private readonly timeOffset: () => bigint;
  /** Nanoseconds of the clock that were no retired instruction: traps, and time skipped. */
  private notRetired = 0;
  private slice = HOT.firstSlice / 2;
  /** Guest time. */
  private sliceEnd = 0;
  private stopRequested = false;
  private timer: { cancel(): void } | undefined;
  private trapLoop = false;
  /** Traps taken and not returned from: an estimate, as a kernel may leave one by another's return, or for good. */
  private depth = 0;

  constructor(options: HartOptions) {
    const memory = createMemory(options.ramBytes);
    this.state = new HartState(memory);
    this.clock = new GuestClock(this.state);
    this.watchpoints = new Watchpoints(this.state);
    this.misa = options.misa;
    this.sstc = options.sstc;
    this.svadu = options.svadu;
    this.zihpm = options.zihpm;
    this.pageTableLevels = options.pageTableLevels;
    this.compressed = options.extensions.has('c');
    this.timeOffset = options.timeOffset;
    this.float = new FloatUnit(this.state, SOFT_OPERATIONS);
    this.pages = new DecodedPages(this.state, createEntryDecoder(options.extensions), () => this.translator.clear());
    const { bus } = options;
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    const soft = (number: number, entry: number): number => this.float.execute(number, entry);
    this.core = instantiate(memory, table, {
      busRead: (address, width) => {
        const value = bus.read(address >>> 0, width);
        if (value === undefined) this.state.setSmall('busFault', 1);
        return value ?? 0;
      },
      busWrite: (address, width, value) => {
        if (!bus.write(address >>> 0, width, value >>> 0)) this.state.setSmall('busFault', 1);
      },
      newPage: (host, divided) => this.pages.newPage(host >>> 0, divided !== 0),
      decode: (entry, page) => this.pages.decode(entry, page),
      crossing: () => this.crossing(),
      codeChanged: (page) => this.translator.codeChanged(page),
      manyStores: (page) => this.manyStores(page),
      soft,
      stored: (host, width, value) => {
        if (this.state.small('recording') !== 0) this.loops.stored(host >>> 0, width);
        this.watchpoints.touched({ kind: 'store', host: host >>> 0, length: width, by: 'hart', value });
      },
      loaded: (host, width) => this.watchpoints.touched({ kind: 'load', host: host >>> 0, length: width, by: 'hart', value: 0 }),
    });
    this.translator = new Translator({
      state: this.state,
      core: this.core,
      table,
      soft,
      decode: createDecoder(options.extensions),
      ramOf: (page) => this.pages.ramOf(page),
    });
    // Without compressed instructions jumps can trap, which only the interpreter looks at.
    this.translator.enabled = options.extensions.has('c');
    this.loops = new LoopProof(this);
    this.reset(options.ramBytes);
  }

  private reset(ramBytes: number): void {
    fillCsrTable(this);
    this.state.set('ramSize', BigInt(ramBytes));
    this.state.set('mstatus', (2n << 32n) | (2n << 34n));
    this.state.setSmall('privilege', PRIVILEGE.machine);
    this.state.set('stimecmp', (1n << 64n) - 1n);
    this.state.set('menvcfg', this.svadu ? ENVCFG.ADUE : 0n);
    this.state.setSmall('setsAccessed', 1);
    breakReservation(this.state);
    this.protectionChanged();
    this.core.refresh();
  }

  now(): number {
    return this.clock.now();
  }

  ticks(): bigint {
    return BigInt.asUintN(64, BigInt(Math.floor(this.clock.now() / NANOSECONDS_PER_TICK)) + this.timeOffset());
  }

  /** Instructions retired before the one that is executing; between instructions, all of them. */
  retired(): bigint {
    return BigInt(this.clock.now() - this.notRetired - (this.executing ? 1 : 0));
  }
  private executing = false;

  flushTlb(): void {
    flushTlb(this.state);
  }

  /** After a write of pmpcfg or pmpaddr. */
  protectionChanged(): void {
    compilePmp(this.state);
    this.state.setSmall('divided', 0);
    this.pages.protectionChanged();
  }

  floatChanged(): void {
    this.float.changed();
  }

  /** Makes `run` return before the next instruction. */
  stop(): void {
    this.stopRequested = true;
    this.clock.shorten();
  }

  /** Sets or clears bits of mip, as a device's line or the SBI does. */
  setPending(interrupt: number, pending: boolean): void {
    const bit = 1n << BigInt(interrupt);
    const mip = this.state.get('mip');
    const next = pending ? mip | bit : mip & ~bit;
    if (next === mip) return;
    this.state.set('mip', next);
    this.contextChanged();
  }

  /** After anything that `refresh` derives from; an interrupt that is now due ends the grant here. */
  contextChanged(): void {
    this.core.refresh();
    if (this.state.small('interrupt') !== 0) this.clock.shorten();
  }

  /** Sstc: STIP follows stimecmp. Without it STIP is software's (the SBI's timer). */
  timerChanged(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (!this.sstc || (this.state.get('menvcfg') & ENVCFG.STCE) === 0n) return;
    const compare = this.state.get('stimecmp');
    const due = Number(compare - this.timeOffset()) * NANOSECONDS_PER_TICK;
    const expired = compare <= this.ticks();
    this.setPending(INTERRUPT.supervisorTimer, expired);
    if (!expired && Number.isSafeInteger(due)) this.timer = this.clock.schedule(due, () => this.timerChanged());
  }

  /** Runs until guest time `until`, or until something else ends it. */
  run(until: number, live: boolean): HartStop {
    this.stopRequested = false;
    for (;;) {
      this.clock.callDue();
      if (this.trapLoop) return 'trap-loop';
      if (this.stopRequested || this.clock.now() >= until) return 'time';
      if (this.waiting) {
        const ended = this.wait(until, live);
        if (ended) return ended;
        continue;
      }
      while (this.state.small('interrupt') !== 0) this.takeInterrupt();
      this.clock.grant(this.loops.untilSearch(until), this.leftOfSlice());
      if (this.state.small('budget') > 0) this.runSlice();
      if (this.loops.due()) {
        const ended = this.passLoop(until, live);
        if (ended) return ended;
      }
    }
  }

  /** Instructions to the next sample. Whatever comes between, samples stand in a grid: else code that often leaves would have none. */
  private leftOfSlice(): number {
    const now = this.clock.now();
    if (now >= this.sliceEnd) {
      this.slice = Math.min(this.slice * 2, HOT.slice);
      this.sliceEnd = now + this.slice;
    }
    return this.sliceEnd - now;
  }

  private runSlice(): void {
    const { enabled } = this.translator;
    this.state.setSmall('translating', enabled ? 1 : 0);
    const code = this.core.run();
    if (enabled && code === EXIT.budget && this.clock.now() === this.sliceEnd) this.translator.sample();
    this.handleExit(code);
  }

  /** Skips the whole rounds of a loop that changes nothing, up to the next event; without one, it is for ever. */
  private passLoop(until: number, live: boolean): HartStop | undefined {
    const loop = this.loops.search(until);
    if (!loop) return undefined;
    const next = this.clock.next();
    if (next === undefined && !live) return loop.polledConsole ? 'waiting-for-input' : 'hang';
    const now = this.clock.now();
    const event = Math.min(next ?? until, until);
    const rounds = Math.max(0, Math.floor((event - now) / loop.period));
    this.clock.skipTo(now + rounds * loop.period);
    this.loops.skipped(rounds * loop.period, event);
    this.notRetired += rounds * (loop.period - loop.retired);
    return undefined;
  }

  /** For LoopProof: at most `budget` instructions, no event; true where its breakpoint was met. */
  step(budget: number): boolean {
    if (this.waiting || this.stopRequested || this.trapLoop) return false;
    while (this.state.small('interrupt') !== 0) this.takeInterrupt();
    this.clock.grant(this.clock.now() + budget, budget);
    if (this.state.small('budget') === 0) return false;
    // Translated code meets no breakpoint.
    this.state.setSmall('translating', 0);
    const code = this.core.run();
    if (code === EXIT.breakpoint) return true;
    this.handleExit(code);
    return false;
  }

  /** A page of code that is stored to and not executed: most likely it was given to something else. */
  private manyStores(page: number): void {
    const ram = this.pages.ramOf(page);
    const code = this.codeAt();
    if (code !== undefined && code - ram >= 0 && code - ram < 4096) {
      this.state.view.setInt32(page + DECODED_STORES, 0, true);
      return;
    }
    this.translator.forget(page);
    this.pages.release(page);
  }

  /** Host address of the instruction at pc, where it is in RAM. */
  codeAt(): number | undefined {
    const found = this.find(this.state.get('pc'), 1, ACCESS.fetch);
    return typeof found === 'number' ? found : undefined;
  }

  /** Host address of a virtual one; or why not: its access traps (cause and tval are set), or no RAM is there. */
  private find(address: bigint, bytes: number, access: number): number | 'fault' | 'no RAM' {
    const physical = this.core.locate(BigInt.asIntN(64, address), bytes, access);
    this.state.setSmall('fault', 0);
    if (physical === FAULT) return 'fault';
    const offset = BigInt.asUintN(64, physical) - BigInt(RAM_BASE);
    return offset >= 0n && offset < this.state.get('ramSize') ? RAM + Number(offset) : 'no RAM';
  }

  private waiting = false;
  /** Where S mode goes on after a suspension that keeps nothing (SBI HSM). */
  private resume: { readonly address: bigint; readonly opaque: bigint } | undefined;

  /** Waits as WFI does. With `resume` the hart then starts there afresh in S mode, with `opaque` in a1. */
  waitForInterrupt(resume?: { readonly address: bigint; readonly opaque: bigint }): void {
    this.waiting = true;
    this.resume = resume;
  }

  private wake(): void {
    this.waiting = false;
    const { state, resume } = this;
    if (!resume) return;
    this.resume = undefined;
    state.set('pc', resume.address);
    state.set('satp', 0n);
    state.set('levels', 0n);
    state.set('mstatus', state.get('mstatus') & ~STATUS.SIE);
    state.setX(10, 0n);
    state.setX(11, resume.opaque);
    this.flushTlb();
    this.contextChanged();
  }

  /** A doubleword as S mode would load it; undefined after its exception has been delivered, at the ECALL that asked. */
  loadAsSupervisor(address: bigint): bigint | undefined {
    const { state } = this;
    const bytes = new Uint8Array(8);
    for (let i = 0; i < 8; i++) {
      const found = this.find(address + BigInt(i), 1, ACCESS.load);
      if (typeof found !== 'number') {
        state.set('pc', state.get('pc') - 4n);
        this.deliver(found === 'fault' ? Number(state.get('cause')) : EXCEPTION.loadAccess, address);
        return undefined;
      }
      bytes[i] = state.bytes[found]!;
    }
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }

  /** WFI: time passes until the next event; with none, nothing can ever happen. */
  private wait(until: number, live: boolean): HartStop | undefined {
    if ((this.state.get('mip') & this.state.get('mie')) !== 0n) {
      this.wake();
      return undefined;
    }
    const next = this.clock.next();
    if (next === undefined && !live) return 'idle';
    this.skipTo(Math.min(next ?? until, until));
    return undefined;
  }

  private skipTo(time: number): void {
    const before = this.clock.now();
    this.clock.skipTo(time);
    this.notRetired += this.clock.now() - before;
  }

  private handleExit(code: number): void {
    switch (code) {
      case EXIT.budget:
      case EXIT.refetch:
        return;
      case EXIT.exception:
        return this.exception(Number(this.state.get('cause')), this.state.get('tval'));
      case EXIT.illegal:
        return this.illegal();
      case EXIT.system:
        return this.system(readEntry(this.state.view, this.state.small('entry')));
      default:
        throw new Error(`unknown exit code ${code}`);
    }
  }

  private takeInterrupt(): void {
    const interrupt = pendingInterrupt(this.state);
    if (!interrupt) return;
    this.depth++;
    enterTrap(this.state, interrupt.target, interrupt.cause, 0n, true);
    this.core.refresh();
  }

  /** Takes an illegal-instruction exception at pc. */
  illegal(): void {
    this.exception(EXCEPTION.illegalInstruction, BigInt(this.pages.bitsAt(this.state.small('entry'))));
  }

  /** Takes an exception at pc. The nanosecond that it costs has been counted, but no instruction retired. */
  exception(cause: number, tval: bigint): void {
    this.notRetired += 1;
    this.note(cause, tval);
    this.deliver(cause, tval);
  }

  /** For explanations: a kernel that returns from its last exception has survived it. */
  trapLeft(): void {
    this.depth = Math.max(0, this.depth - 1);
    if (this.lastException && this.depth <= this.lastException.depth) this.lastException.returned = true;
  }

  private note(cause: number, tval: bigint): void {
    const privilege = this.state.small('privilege');
    if (privilege === PRIVILEGE.user || (cause >= EXCEPTION.ecallFromU && cause <= EXCEPTION.ecallFromM)) return;
    const [pc, instructions, time] = [this.state.get('pc'), this.retired(), this.clock.now()];
    const last = this.lastException;
    if (last?.instructions === instructions) last.nested ??= { pc, cause, tval };
    else this.lastException = { pc, cause, tval, privilege, instructions, time, nested: undefined, depth: this.depth, returned: false };
  }

  private deliver(cause: number, tval: bigint): void {
    const { state } = this;
    let target = trapTarget(state, cause, false);
    if (target === 'machine' && this.firmware) {
      if (cause === EXCEPTION.ecallFromS) {
        this.firmware.call();
        this.contextChanged();
        return;
      }
      // What is not delegated, the firmware reflects to S mode (board.md).
      target = 'supervisor';
    }
    this.trapLoop = this.repeats(target, cause, tval);
    if (this.trapLoop) this.clock.shorten();
    this.depth++;
    enterTrap(state, target, cause, tval, false);
    this.core.refresh();
  }

  /**
   * A trap at its own vector's first instruction, with the same cause, address and status as the trap before: nothing has changed
   * since and nothing will, as long as no interrupt can come between.
   */
  private repeats(target: 'machine' | 'supervisor', cause: number, tval: bigint): boolean {
    const { state } = this;
    const [vector, epc, causes, value, level] =
      target === 'machine'
        ? (['mtvec', 'mepc', 'mcause', 'mtval', PRIVILEGE.machine] as const)
        : (['stvec', 'sepc', 'scause', 'stval', PRIVILEGE.supervisor] as const);
    const pc = state.get('pc');
    return (
      state.small('privilege') === level &&
      (state.get(vector) & ~3n) === pc &&
      state.get(epc) === pc &&
      state.get(causes) === BigInt(cause) &&
      state.get(value) === tval &&
      (target === 'machine' || this.firmware !== undefined || (state.get('mie') & ~state.get('mideleg')) === 0n)
    );
  }

  private system(entry: DecodedEntry): void {
    const { instruction } = entry.operation;
    if (instruction.format === 'csr' || instruction.format === 'csri') return this.csr(entry);
    SYSTEM_OPERATIONS[instruction.name as SystemOperation](this, entry);
  }

  /** Goes on behind the instruction. */
  next(entry: DecodedEntry): void {
    this.state.set('pc', BigInt.asUintN(64, this.state.get('pc') + BigInt(entry.length)));
  }

  private csr(entry: DecodedEntry): void {
    this.executing = true;
    const csr = executeCsr(this, entry, () => this.loops.touch());
    this.executing = false;
    if (!csr) return this.illegal();
    this.next(entry);
    if (csr.refreshes) this.contextChanged();
  }

  /** The generated code met an instruction whose second half is on the next page, or that has to be fetched alone. */
  private crossing(): number {
    const pc = this.state.get('pc');
    const halves: number[] = [];
    for (const address of [pc, BigInt.asUintN(64, pc + 2n)]) {
      const found = this.find(address, 2, ACCESS.fetch);
      if (found === 'fault') return 0;
      if (found === 'no RAM') return this.fetchFault(address);
      halves.push(this.state.view.getUint16(found, true));
      if (isCompressed(halves[0]!)) break;
    }
    const [low, high = 0] = halves;
    this.pages.fetched((low! | (high << 16)) >>> 0);
    return 1;
  }

  private fetchFault(address: bigint): number {
    this.state.set('cause', BigInt(EXCEPTION.instructionAccess));
    this.state.set('tval', address);
    return 0;
  }
}
