import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { CodeFrame, CodeStack } from '../evidence/code-place.ts';
import * as code from './code-lines.ts';
import { plain } from './lines.ts';

const PLAIN = picocolors.createColors(false);

const originLines = (...args: Parameters<typeof code.originLines>) => code.originLines(...args).map(plain);
const stackLines = (...args: Parameters<typeof code.stackLines>) => code.stackLines(...args).map(plain);

const frame = (change: Partial<CodeFrame>): CodeFrame => ({
  function: 'f',
  file: 'src/a.rs',
  line: 1,
  inlined: false,
  library: false,
  ...change,
});

const OSTD: CodeStack = {
  places: [
    {
      address: '0xffffffff802474c8',
      frames: [
        frame({ function: 'write_volatile', file: '/rust/library/core/src/ptr/mod.rs', line: 1837, inlined: true, library: true }),
        frame({ function: 'write', file: 'src/queue.rs', line: 111, inlined: true }),
        frame({ function: 'write_block', file: 'src/blk.rs', line: 141 }),
      ],
    },
    { address: '0xffffffff8025b4c2', frames: [frame({ function: 'call_main', library: true })] },
  ],
  leftOut: 0,
  notes: [],
};

describe('places in the code', () => {
  it("are the submission's own lines, innermost first", () => {
    expect(originLines('flags of desc 4', { by: 'kernel', instructions: 7, instruction: 'sh a1, 0(a0)', stack: OSTD }, PLAIN)).toEqual([
      'flags of desc 4 stored at  src/queue.rs:111 write',
      '              called from  src/blk.rs:141 write_block',
    ]);
  });

  it('are functions and addresses where there is no more, with what is missing', () => {
    const places = [
      { address: '0x80200a14', frames: [frame({ function: 'virtqueue_add', file: null, line: null })] },
      { address: '0x80200b00', frames: [] },
    ];
    expect(stackLines('looping at', { places, leftOut: 0, notes: ['no symbols'] }, PLAIN)).toEqual([
      ' looping at  virtqueue_add at 0x80200a14',
      'called from  0x80200b00',
      '(no symbols)',
    ]);
  });

  it("are the submission's own functions with their path where no line is known", () => {
    const symbol = (change: Partial<CodeFrame>) => frame({ function: 'f', file: null, line: null, ...change });
    const places = [
      { address: '0x80200a14', frames: [symbol({ symbol: 'core::ptr::write+0x4', library: true })] },
      { address: '0x80200b00', frames: [symbol({ symbol: '<BlkDevice>::write_block+0x9c', library: false })] },
      { address: '0x80200c00', frames: [symbol({ symbol: 'ostd::boot+0x10', library: true })] },
    ];
    expect(stackLines('at', { places, leftOut: 0, notes: [] }, PLAIN)).toEqual(['at  <BlkDevice>::write_block+0x9c at 0x80200b00']);
    expect(stackLines('at', { places: places.slice(2), leftOut: 0, notes: [] }, PLAIN)).toEqual(['at  ostd::boot+0x10 at 0x80200c00']);
  });

  it('show the code around the line that is to blame, without the indentation that all of it has', () => {
    const code = { first: 8, lines: ['\tfn send(&mut self) {', '\t    self.add();', '', '\t\tself.flags = 2;\t// in', '\t}'] };
    const places = [{ address: '0x1', frames: [frame({ file: 'main.rs', path: 'lab/src/main.rs', line: 11, code }), frame({ line: 40 })] }];
    expect(stackLines('flags stored at', { places, leftOut: 0, notes: [] }, PLAIN)).toEqual([
      'flags stored at  lab/src/main.rs:11 f',
      '     8 | fn send(&mut self) {',
      '     9 |     self.add();',
      '    10 |',
      '  > 11 |     self.flags = 2; // in',
      '    12 | }',
      '    called from  src/a.rs:40 f',
    ]);
  });

  it('show code as harmless text', () => {
    const code = { first: 1, lines: ['let a = "\u202e\u001b[2J";', `::error::${'x'.repeat(500)}`] };
    const shown = stackLines('at', { places: [{ address: '0x1', frames: [frame({ code })] }], leftOut: 0, notes: [] }, PLAIN);
    expect(shown[1]).toBe('  > 1 | let a = "\\u{202e}\\x1b[2J";');
    expect(shown[2]!.length).toBeLessThan(150);
  });

  it('begin with the first line that the student wrote, and say what of it was given', () => {
    const given = frame({ function: 'push', file: 'src/queue.rs', line: 7, given: true });
    const main = frame({ function: 'main', file: 'src/main.rs', line: 3, given: true });
    const stack = (...frames: CodeFrame[]) => ({ places: [{ address: '0x1', frames }], leftOut: 0, notes: [] });
    expect(stackLines('flags stored at', stack(given, frame({ function: 'send' }), main), PLAIN)).toEqual([
      'flags stored at  src/a.rs:1 send',
      '    called from  src/main.rs:3 main',
      '(this line has called code that was given: src/queue.rs:7 push)',
    ]);
    expect(stackLines('flags stored at', stack(given, main), PLAIN)).toEqual([
      'flags stored at  src/queue.rs:7 push',
      '    called from  src/main.rs:3 main',
      '(in code that was given)',
    ]);
  });

  it('are no more than a screen holds', () => {
    const places = Array.from({ length: 30 }, (_, n) => ({ address: `0x${n}`, frames: [frame({ line: n + 1 })] }));
    expect(stackLines('at', { places, leftOut: 0, notes: [] }, PLAIN)).toHaveLength(6);
  });

  it('cannot act on a terminal', () => {
    const evil = 'x\u001b[2J\n';
    const lines = stackLines(
      'at',
      { places: [{ address: '0x1', frames: [frame({ function: evil, file: evil })] }], leftOut: 0, notes: [evil] },
      PLAIN,
    );
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('are shown with the instructions around a store that has no line', () => {
    const places = [{ address: '0x80200a14', frames: [frame({ function: 'add', file: null, line: null, symbol: 'add+0x4' })] }];
    const made = {
      ...OSTD,
      places: [{ address: '0x80200b00', frames: [frame({ function: 'send', file: null, line: null, symbol: 'send+0x8' })] }],
    };
    const store = {
      by: 'kernel',
      instructions: 7,
      instruction: 'sh a1, 0(a0)',
      stack: { places, leftOut: 0, notes: [] },
      around: [
        { pc: '0x80200a10', text: 'ori a1, a1, 1' },
        { pc: '0x80200a14', text: 'sh a1, 0(a0)' },
      ],
      origins: [{ value: '0x2', instruction: 'addi a1, zero, 2', stack: made }],
    } as const;
    expect(originLines('flags', store, PLAIN)).toEqual([
      'flags stored at  add+0x4 at 0x80200a14',
      '    0x80200a10  ori a1, a1, 1',
      '  > 0x80200a14  sh a1, 0(a0)',
      'its value 0x2 made at  send+0x8 at 0x80200b00: addi a1, zero, 2',
    ]);
  });

  it('name where the value was made, without the calls that led to the store as well', () => {
    const [write, send] = OSTD.places[0]!.frames.slice(1);
    const inlined = frame({ function: 'flags_for', line: 9, inlined: true });
    const stacks = [
      [inlined, send!],
      [
        { ...write!, line: 120 },
        { ...send!, line: 136 },
      ],
    ].map((frames): CodeStack => ({ ...OSTD, places: [{ address: '0x1', frames }] }));
    const origins = stacks.map((stack) => ({ value: '0x3', instruction: 'li a1, 3', stack }));
    expect(
      originLines('flags', { by: 'kernel', instructions: 7, instruction: 'sh a1, 0(a0)', stack: OSTD, origins }, PLAIN).slice(2),
    ).toEqual([
      'its value 0x3 made at  src/a.rs:9 flags_for',
      'its value 0x3 made at  src/queue.rs:120 write',
      '          called from  src/blk.rs:136 write_block',
    ]);
  });

  it('say of a value that was only loaded that it was in memory, and not that it was made there', () => {
    const stack: CodeStack = { ...OSTD, places: [{ address: '0x1', frames: [frame({ function: 'next', line: 88 })] }] };
    for (const instruction of ['ld a1, 16(s0)', 'c.lhu a1, 0(a0)', 'c.ldsp a1, 8(sp)']) {
      const origins = [{ value: '0x2', instruction, stack }];
      const lines = originLines('flags', { by: 'kernel', instructions: 7, instruction: 'sh a1, 0(a0)', stack: OSTD, origins }, PLAIN);
      expect(lines.join('\n')).toContain('its value 0x2 read from memory at  src/a.rs:88 next');
    }
  });

  it('say no value where the stored one was only calculated from what was made there', () => {
    const stack: CodeStack = { ...OSTD, places: [{ address: '0x1', frames: [frame({ function: 'map', line: 18 })] }] };
    const origins = [{ value: null, instruction: 'c.li s0, 3', stack }];
    const lines = originLines('address', { by: 'kernel', instructions: 7, instruction: 'sd a1, 0(a0)', stack: OSTD, origins }, PLAIN);
    expect(lines.join('\n')).toContain('its value comes from  src/a.rs:18 map');
    expect(lines.join('\n')).not.toContain('0x3');
  });

  it('say who else wrote, and nothing where nobody has looked', () => {
    expect(originLines('type', { by: 'device', instructions: 20_114_331 }, PLAIN)).toEqual([
      'type: written by the device itself, after 20,114,331 instructions',
    ]);
    expect(originLines('type', { by: 'nobody' }, PLAIN)).toEqual([
      'type: never stored; it still has the value from the kernel file, or zero',
    ]);
    expect(originLines('type', null, PLAIN)).toEqual([]);
  });
});
