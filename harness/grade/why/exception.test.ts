import { describe, expect, it } from 'vitest';
import type { CodeFrame } from '../../evidence/code-place.ts';
import type { ExceptionEvidence } from '../../evidence/exception.ts';
import type { Explanations } from '../../evidence/explanation.ts';
import { evidence, explained, TAKEN } from '../../testkit/evidence.ts';
import { whyStopped } from './index.ts';

type Explained = NonNullable<Explanations['exception']>;

const NOWHERE = { places: [], leftOut: 0, notes: [] };
const EXPLAINED: Explained = {
  instruction: 'lw t1, 8(t0)',
  stack: NOWHERE,
  walk: [],
  walkEnd: null,
  entryStore: null,
  sp: { value: '0x80210000', used: false, inFirmware: false, symbol: null },
  csrs: { mstatus: '0x0', satp: '0x0', sscratch: '0x0' },
  there: null,
  target: null,
  vectorEnd: null,
  vectored: null,
  jump: null,
  origin: null,
  illegal: null,
  overwritten: null,
  interrupted: null,
  satp: null,
  middle: null,
  handler: null,
};
const ON_STACK = { ...EXPLAINED, instruction: 'sd ra, 8(sp)', sp: { ...EXPLAINED.sp, used: true } };
const STORE_FAULT = { cause: 15, value: '0x8020fff8' };

/** What is said of it, without the first line, which says which exception it was. */
function told(taken: Partial<ExceptionEvidence>, exception: Explained | null = null, parts: Partial<Parameters<typeof evidence>[0]> = {}) {
  const details = whyStopped(
    evidence({ exception: { ...TAKEN, ...taken }, explanations: exception === null ? null : explained({ exception }), ...parts }),
  );
  return details.map((detail) => ('text' in detail ? detail.text : ''));
}

const calls = (...names: string[]) => ({
  places: names.map((name, index) => {
    const frame: CodeFrame = { function: name, file: 'a.c', line: index + 1, inlined: false, library: false };
    return { address: `0x${index + 1}`, frames: [frame] };
  }),
  leftOut: 0,
  notes: [],
});

describe('an exception', () => {
  it('says which, where and how its address was translated', () => {
    const walk = [{ level: 2, address: '0x80300008', entry: '0x0' }];
    expect(told({}, { ...EXPLAINED, walk, walkEnd: 'the entry is not valid (V is 0)' })).toEqual([
      'the last exception, after 1,234 instructions: load page fault at address 0x40001008, by the instruction at 0x80200010: lw t1, 8(t0)',
      'page table: level 2: entry at 0x80300008 is 0x0; the entry is not valid (V is 0)',
    ]);
  });

  it('is the first of those that followed from it, and says how many', () => {
    const next = { pc: '0x80200044', cause: 7, value: '0x8', instructions: 1300 };
    expect(told({ next, further: 4_000 })).toEqual([
      'the first of 4,001 exceptions, after 1,234 instructions: load page fault at address 0x40001008, by the instruction at 0x80200010',
      'before its handler had returned, the instruction at 0x80200044 raised the next exception: store access fault at address 0x8, and so on: 4,000 further exceptions',
    ]);
  });

  it('says when the vector itself faulted', () => {
    const next = { pc: '0x80200040', cause: 12, value: '0x80200040', instructions: 1234 };
    expect(told({ cause: 2, value: '0xffffffff', next, further: 1 })).toEqual([
      'the first of 2 exceptions, after 1,234 instructions: illegal instruction (0xffffffff), by the instruction at 0x80200010',
      'the trap vector at 0x80200040 then faulted itself: instruction page fault at address 0x80200040',
    ]);
  });

  it('says how often in a row a handler returned to it', () => {
    expect(told({ times: 5_000 })[0]).toContain('the last exception, raised 5,000 times in a row, after 1,234 instructions');
  });
});

describe('the trap vector', () => {
  const restart = { register: 'stvec', value: '0x80200000', written: null } as const;

  it('that was never set is said to restart the kernel, where it does', () => {
    expect(told({ vector: { ...restart, state: 'unset' }, further: 3 })).toContain(
      'the trap vector was never set: stvec is still 0x80200000, as at the start, where the kernel begins: each exception starts it again',
    );
    expect(told({ vector: { ...restart, state: 'unset' } })).toContain(
      'the trap vector was never set: stvec is still 0x80200000, as at the start',
    );
  });

  it('that was refused names what was written, and what to do', () => {
    const [, line] = told({ vector: { register: 'stvec', value: '0x80200000', state: 'refused', written: '0x80200042' } });
    expect(line).toContain('the kernel wrote 0x80200042 to stvec');
    expect(line).toContain('Align the trap handler to 4 bytes');
  });

  it('that is set is not mentioned', () => {
    expect(told({}).join()).not.toContain('vector');
  });
});

describe('what most likely led to it', () => {
  it.each([
    [
      'a jump to 0',
      { cause: 1, pc: '0x0', value: '0x0' },
      'a call through a function pointer that was never set (null), or a return with a return address that was lost?',
    ],
    ['a load close to 0', { cause: 5, value: '0x8' }, 'the address is close to 0: a pointer that was never set (null)?'],
  ])('%s is a null pointer', (_, taken, line) => {
    expect(told(taken)).toContain(line);
  });

  it('code that the page table does not map is no jump', () => {
    const place = { address: '0x80200494', frames: calls('kernel_main').places[0]!.frames };
    const stack = { places: [place], leftOut: 0, notes: [] };
    const text = told({ cause: 12, pc: '0x80200494', value: '0x80200494' }, { ...EXPLAINED, instruction: null, stack });
    expect(text[0]).toContain('the page table that is in force does not let it run');
    expect(text[1]).toBe('trapped at');
  });

  it('a jump to where no code is does not blame an instruction there', () => {
    expect(told({ cause: 12, pc: '0x1000', value: '0x1000' })[0]).toContain('the kernel jumped there, and there is no code');
  });

  it('the stack in the firmware: sp was never set', () => {
    const sp = { value: '0x80047ec0', used: true, inFirmware: true, symbol: null };
    expect(told({ cause: 7, value: '0x80047eb8' }, { ...ON_STACK, sp })).toContain(
      "sp is 0x80047ec0, in the firmware's memory: the kernel has not set its stack pointer",
    );
  });

  it('the stack in the firmware, under many traps: it has run over', () => {
    const sp = { value: '0x8005fff0', used: true, inFirmware: true, symbol: null };
    const says = told({ cause: 7, value: '0x8005fef0', unreturned: 5959 }, { ...ON_STACK, sp });
    expect(says).toContain("sp is 0x8005fff0, in the firmware's memory: the stack has run over, down into it");
  });

  it('a stack that the page table does not map, or not for writing', () => {
    for (const walkEnd of ['the entry is not valid (V is 0)', 'the page is mapped with V R A D, which does not allow this access']) {
      const says = told(STORE_FAULT, { ...ON_STACK, walkEnd });
      expect(says).toContain(
        'the access is to the stack, and sp is 0x80210000: the page table does not allow it. Are the pages of the stack mapped with R and W, or ' +
          'has the stack run over, beyond them?',
      );
      expect(says.join()).not.toContain('never set');
    }
  });

  it('a stack where no memory is, and what made sp', () => {
    const sp = { value: '0x8ffffff0', used: true, inFirmware: false, symbol: null };
    const target = { kind: 'nothing', physical: '0x8ffffff8', ramEnd: '0x88000000' } as const;
    const stack = { ...calls('f', 'entry'), places: calls('f', 'entry').places.slice(1) };
    const origin = { by: 'instruction', instruction: 'lui sp, 0x90000', stack } as const;
    const says = told({ cause: 7, value: '0x8ffffff8' }, { ...ON_STACK, sp, target, origin, stack: calls('f', 'main') });
    expect(says).toContain(
      'the access is to the stack, and sp is 0x8ffffff0, where no memory is: RAM is from 0x80000000 to 0x87ffffff. Set sp to the end of memory ' +
        'that the kernel has reserved for its stack',
    );
    expect(says).toContain('the stack pointer was made by lui sp, 0x90000');
    expect(says.join()).not.toContain('run over');
  });

  it('one function again and again: the stack has run over, into what lies there', () => {
    const sp = { value: '0x80210000', used: true, inFirmware: false, symbol: 'root_table+0x8' };
    const stack = calls('walk', 'walk', 'walk', 'walk', 'main');
    expect(told(STORE_FAULT, { ...ON_STACK, sp, stack })).toContain(
      'sp is 0x80210000, which is in root_table+0x8; walk calls itself again and again: the stack has run over',
    );
    expect(told(STORE_FAULT, { ...ON_STACK, stack: calls('f', 'main') })).toContain(
      'the access is to the stack, and sp is 0x80210000: has the stack run over, or was sp never set?',
    );
    // A frame pointer leads to the stack as well; other addresses do not.
    expect(told(STORE_FAULT, { ...EXPLAINED, stack }).join()).toContain('walk calls itself again and again: the stack has run over');
    expect(told({ cause: 15, value: '0x40000000' }, { ...EXPLAINED, stack }).join()).not.toContain('run over:');
  });
});

describe('an entry of the page table that was overwritten', () => {
  const walk = [{ level: 2, address: '0x80300008', entry: '0x302f353433323130' }];
  const broken = { ...EXPLAINED, walk, walkEnd: 'the entry is not valid (V is 0)' };

  it('names who stored it last', () => {
    const by = (instruction: string) => ({ by: 'kernel', instructions: 900, instruction, stack: calls('fill') }) as const;
    expect(told({}, { ...broken, entryStore: by('sb a0, 0(a1)') }).slice(-2)).toEqual([
      'that entry was stored at',
      'that entry was stored last by sb a0, 0(a1)',
    ]);
    expect(told({}, { ...broken, entryStore: by('sd s0, 16(sp)') }).at(-1)).toBe(
      'that entry was stored last by sd s0, 16(sp): it has written to its stack, which has grown into the page table',
    );
    const deep = { ...broken, sp: { ...broken.sp, value: '0x80300000' }, stack: calls('walk', 'walk', 'walk', 'walk') };
    expect(told({}, { ...deep, entryStore: by('sb a0, 0(a1)') }).at(-1)).toBe(
      'that entry was stored last by sb a0, 0(a1): it has written to its stack, which has grown into the page table; walk calls itself again and again',
    );
    expect(told({}, { ...broken, entryStore: { by: 'device', instructions: 5 } }).at(-1)).toContain('the device has stored that entry');
  });
});

describe('a kernel that is started elsewhere than its file says', () => {
  const place = { address: '0x80200000', frames: calls('num').places[0]!.frames };
  const explanations = explained({ entry: { elf: '0x80200100', machine: '0x80200000', place } });
  const line =
    "the file's entry is 0x80200100, but the machine starts a kernel at its lowest address: 0x80200000, where num is. Place the boot code first in the linker script";

  it('is told so where it did not get far', () => {
    expect(told({}, null, { explanations })).toContain(line);
    expect(whyStopped(evidence({ explanations })).map((one) => ('text' in one ? one.text : ''))).toEqual([line]);
  });

  it('is not, where it found its way', () => {
    expect(whyStopped(evidence({ explanations, console: 'hello' }))).toEqual([]);
  });
});

describe('an access that a device refuses', () => {
  const target = { kind: 'device', physical: '0x10008070', ramEnd: '0x88000000' } as const;
  const why = (instruction: string) => told({ cause: 7, value: '0x10008070' }, { ...EXPLAINED, instruction, target }).join('\n');

  it('is said to be one of a wrong size, or by an atomic instruction', () => {
    expect(why('sd a4, 0(a5)')).toContain('a device is at 0x10008070, and refuses an access of this size or to this register');
    expect(why('amoor.w zero, a4, (a5)')).toContain(
      'a device is at 0x10008070, and an atomic instruction reaches memory only: write the register by a plain store',
    );
  });
});
