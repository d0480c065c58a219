/** What Rust's core prints of a panic in its versions: `Display` and `Debug` of PanicInfo, as rustc 1.72 to 1.85 have them. */
import { describe, expect, it } from 'vitest';
import { evidence, request } from '../testkit/evidence.ts';
import { panicOf } from './panic.ts';

const seen = (console: string) => {
  const panic = panicOf(evidence({ console }));
  return panic === null ? null : [panic.file, panic.line, panic.message];
};

describe('a panic on the console', () => {
  it.each([
    ['as text', 'panicked at src/blk.rs:10:5:\noh no\n'],
    ['as text, before Rust 1.73', "panicked at 'oh no', src/blk.rs:10:5\n"],
    [
      'as OSTD prints it',
      'Non-resettable panic! PanicInfo {\n    message: oh no,\n    location: Location {\n        file: "src/blk.rs",\n        line: 10,\n        col: 35,\n    },\n    can_unwind: true,\n}\n',
    ],
    [
      'with Debug on one line',
      'PanicInfo { message: oh no, location: Location { file: "src/blk.rs", line: 10, col: 5 }, can_unwind: true }',
    ],
    [
      'with Debug before Rust 1.81',
      'PanicInfo {\r\n    payload: Any { .. },\r\n    message: Some(\r\n        oh no,\r\n    ),\r\n    location: Location {\r\n        file: "src/blk.rs",\r\n        line: 10,\r\n',
    ],
  ])('%s', (_, text) => {
    expect(seen(`boot\n${text}`)).toEqual(['src/blk.rs', 10, 'oh no']);
  });

  it('keeps a bracket that the message itself ends with', () => {
    const place = 'location: Location { file: "a.rs", line: 3, col: 1 }';
    expect(seen(`PanicInfo { message: oh (no), ${place}`)).toEqual(['a.rs', 3, 'oh (no)']);
    expect(seen(`PanicInfo { message: Some(\n  oh (no),\n), ${place}`)).toEqual(['a.rs', 3, 'oh (no)']);
  });

  it.each([
    ['as xv6 prints it', 'panic: virtio_disk_rw: no descriptor\n', 'virtio_disk_rw: no descriptor'],
    ['in capitals', 'PANIC: read failed\n', 'read failed'],
    ['as Linux does', '[    0.52] Kernel panic - not syncing: no init\n', 'not syncing: no init'],
    ['in red', '\u001b[31mPANIC: lost\n', 'lost'],
    ['that panics while it panics', 'PANIC: PANIC: PANIC:', ''],
    ['of a hart', 'hart 0: panic: lost\n', 'lost'],
  ])('of a kernel in C, %s', (_, text, message) => {
    expect(seen(`boot\n${text}`)).toEqual([null, null, message]);
  });

  it('is the first of those that say the same, where a kernel in C panics for ever', () => {
    const console = 'panic: one\npanic: two\npanic: two\npanic: two\n';
    expect(panicOf(evidence({ console }))).toMatchObject({ offset: 11, message: 'two' });
  });

  it('is none, in C, where the kernel uses its disk afterwards', () => {
    const console = 'panic: none so far\nreading\n';
    expect(panicOf(evidence({ console, requests: [request({ consoleBytes: 0 })] }))).not.toBeNull();
    expect(panicOf(evidence({ console, requests: [request({ consoleBytes: 24 })] }))).toBeNull();
  });

  it('is no word within a line', () => {
    expect(panicOf(evidence({ console: 'do not panic: all is well\nno panic\npanicking: no\n' }))).toBeNull();
  });

  it('is the last one, with its place in the console', () => {
    const console = 'panicked at a.rs:1:1:\nfirst\nPanicInfo { message: second, location: Location { file: "b.rs", line: 2, col: 1 } }';
    expect(panicOf(evidence({ console }))).toEqual({ offset: console.indexOf('PanicInfo'), file: 'b.rs', line: 2, message: 'second' });
  });

  it('may name no place, may be cut off, and may be none', () => {
    expect(seen('panicked at the disco\n')).toEqual([null, null, 'the disco']);
    expect(seen('PanicInfo {\n    message: oh')).toEqual([null, null, 'message: oh']);
    expect(seen('all is well')).toBeNull();
  });

  it('costs little, whatever a kernel prints', () => {
    // A search that begins anew at each of these words would not end within the test's time.
    const word = (text: string) => text.repeat(8_000_000 / text.length);
    expect(seen(word('panicked at '))).toEqual([null, null, '']);
    expect(seen(`PanicInfo { message: ${word(', )')}`)).toEqual([null, null, expect.any(String)]);
    expect(seen(word('panic: \n'))).toEqual([null, null, '']);
    expect(seen(word('panic\n'))).toBeNull();
    expect(seen(`panicked at '${word("', ")}`)).toEqual([null, null, expect.any(String)]);
  });
});
