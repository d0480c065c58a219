import { describe, expect, it } from 'vitest';
import { SourceLines } from './source-files.ts';

function sources(files: Readonly<Record<string, string | Uint8Array>>): SourceLines {
  const bytesOf = (content: string | Uint8Array) => (typeof content === 'string' ? Buffer.from(content) : content);
  return new SourceLines({ list: () => Object.keys(files), read: (path) => bytesOf(files[path]!) });
}

describe('the file that a compiler’s path means', () => {
  it.each([
    ['/build/lab/src/blk.rs', '/build/lab', ['src/blk.rs', 'src/main.rs'], 'src/blk.rs'],
    // The hand-in has a folder on top, or the compiler had.
    ['/build/src/blk.rs', '/build', ['lab13/src/blk.rs', 'lab13/README'], 'lab13/src/blk.rs'],
    ['/home/x/lab13/kernel/virtio.c', '/home/x/lab13', ['kernel/virtio.c', 'user/virtio.c'], 'kernel/virtio.c'],
    // make -C kernel: the compiler names the file alone.
    ['/build/kernel/main.c', '/build/kernel', ['kernel/main.c', 'user/main.c'], 'kernel/main.c'],
    ['/build/main.c', '/build', ['main.c'], 'main.c'],
    ['main.c', '', ['main.c'], 'main.c'],
    // A file of the compiler's, which has the same name.
    ['/usr/src/newlib/string.c', '/build', ['string.c'], null],
    ['/usr/src/newlib/string.c', '/build', ['lib/string.c'], null],
    // It cannot be told which is meant.
    ['/build/main.c', '/build', ['old/main.c', 'new/main.c'], null],
    ['/build/src/main.c', '/build', ['old/src/main.c', 'new/src/main.c'], null],
    ['/build/src/blk.rs', '/build', ['src/main.rs'], null],
  ])('%s, compiled in %s, of %j is %j', (path, folder, files, found) => {
    expect(sources(Object.fromEntries(files.map((file) => [file, 'text']))).find(path, folder)).toBe(found);
  });
});

describe('the file of a build’s tree', () => {
  const files = new Map([
    ['drivers/blk.c', 'lab/drivers/blk.c'],
    ['main.c', 's1001.c'],
  ]);
  const find = (top: string, path: string, folder: string) =>
    new SourceLines({ list: () => [...files.values()], read: () => null, built: { top, files } }).find(path, folder);

  it('is the student’s if it was taken from the hand-in, under whatever name', () => {
    expect(find('/build', '/build/drivers/blk.c', '/build')).toBe('lab/drivers/blk.c');
    expect(find('/build', '/build/main.c', '/build')).toBe('s1001.c');
  });

  it('is the course’s if it was not, even if it has the name of one that was', () => {
    expect(find('/build', '/build/lib/blk.c', '/build/lib')).toBeNull();
    expect(find('/build', '/build/old/drivers/blk.c', '/build')).toBeNull();
  });

  it('is found by the end of its path where the tree’s place is not known', () => {
    expect(find('', '/tmp/x/tree/drivers/blk.c', '/tmp/x/tree')).toBe('lab/drivers/blk.c');
    expect(find('', '/tmp/x/tree/main.c', '/tmp/x/tree')).toBe('s1001.c');
    expect(find('/build', 'drivers/blk.c', '')).toBe('lab/drivers/blk.c');
  });
});

describe('the lines around one', () => {
  const text = Array.from({ length: 9 }, (_, index) => `line ${index + 1}`).join('\n');

  it('are three before and three after it, as far as there are', () => {
    const code = sources({ 'a.c': text });
    expect(code.excerpt('a.c', 5)?.code).toEqual({
      first: 2,
      lines: ['line 2', 'line 3', 'line 4', 'line 5', 'line 6', 'line 7', 'line 8'],
    });
    expect(code.excerpt('a.c', 1)?.code).toEqual({ first: 1, lines: ['line 1', 'line 2', 'line 3', 'line 4'] });
    expect(code.excerpt('a.c', 9)?.code).toEqual({ first: 6, lines: ['line 6', 'line 7', 'line 8', 'line 9'] });
  });

  it('are none where the file is too short: it has been changed since', () => {
    expect(sources({ 'a.c': `${text}\n` }).excerpt('a.c', 10)).toBeNull();
    expect(sources({ 'a.c': '' }).excerpt('a.c', 1)).toBeNull();
  });

  it('are none of a binary file', () => {
    expect(sources({ 'a.c': Uint8Array.from([0x7f, 0x45, 0, 0x0a, 0x41, 0x0a]) }).excerpt('a.c', 2)).toBeNull();
  });

  it('are cut where they are long, and have no line ends of Windows', () => {
    const lines = sources({ 'a.c': `short\r\n${'x'.repeat(5000)}\r\n` }).excerpt('a.c', 1)!.code.lines;
    expect(lines).toEqual(['short', `${'x'.repeat(239)}…`]);
  });

  it('come from a bounded number of files and bytes', () => {
    const files = Array.from({ length: 100 }, (_, index) => `${index}.c`);
    const read: string[] = [];
    const reading = (content: Uint8Array) => {
      read.length = 0;
      const take = (path: string) => {
        read.push(path);
        return content;
      };
      const code = new SourceLines({ list: () => files, read: take });
      for (const file of files) code.excerpt(file, 1);
      return read.length;
    };
    expect(reading(Buffer.from('x\n'))).toBe(64);
    expect(reading(Buffer.alloc(1024 * 1024, 'x\n'))).toBe(8);
  });
});
