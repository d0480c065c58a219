import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConsoleOutput, fixedKeys, KeyFilter, streamKeys } from './console.ts';

describe('ConsoleOutput', () => {
  it('writes every byte once, in order, however many there are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'console-'));
    const fd = openSync(join(folder, 'out'), 'w');
    const output = new ConsoleOutput(fd);
    const bytes = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
    for (const byte of bytes) output.put(byte);
    output.flush();
    output.flush();
    closeSync(fd);
    expect(Buffer.compare(readFileSync(join(folder, 'out')), bytes)).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it.runIf(existsSync('/dev/full'))('says so once when what it writes to is full', () => {
    const fd = openSync('/dev/full', 'w');
    const output = new ConsoleOutput(fd);
    output.put(1);
    expect(() => output.flush()).toThrow('writing standard output failed: no space is left');
    output.put(2);
    output.flush();
    closeSync(fd);
  });

  it("knows whether the cursor stands at a line's beginning", () => {
    const output = new ConsoleOutput(undefined);
    expect(output.atLineStart).toBe(true);
    output.put(0x24);
    expect(output.atLineStart).toBe(false);
    output.flush();
    expect(output.atLineStart).toBe(false);
    output.put(0x0a);
    expect(output.atLineStart).toBe(true);
  });
});

describe('KeyFilter', () => {
  const filter = (...chunks: string[]) => {
    const state = new KeyFilter();
    return chunks.map((chunk) => {
      const { keys, command } = state.take(Buffer.from(chunk));
      return [Buffer.from(keys).toString(), command];
    });
  };

  it('passes keys on, Ctrl-C too', () => {
    expect(filter('ls\r\x03')).toEqual([['ls\r\x03', undefined]]);
  });

  it('takes Ctrl-A and what follows it, also in the next chunk', () => {
    expect(filter('a\x01hb\x01?', 'c\x01', 'xd')).toEqual([
      ['ab', 'help'],
      ['c', undefined],
      ['', 'leave'],
    ]);
  });

  it('sends one Ctrl-A for two, and drops unknown commands', () => {
    expect(filter('\x01\x01x\x01qy')).toEqual([['\x01xy', undefined]]);
  });
});

describe('keyboards', () => {
  it('of fixed keys hand them out once', () => {
    const keys = fixedKeys(Buffer.from('ab'));
    expect([Buffer.from(keys.take()).toString(), keys.take().length, keys.open]).toEqual(['ab', 0, false]);
  });

  it('of a stream wait for keys, and are open until the last is taken', async () => {
    const stream = new PassThrough();
    const keys = streamKeys(stream);
    expect(keys.open).toBe(true);
    setTimeout(() => stream.write('ab'), 5);
    await keys.wait(60_000);
    expect(Buffer.from(keys.take()).toString()).toBe('ab');
    stream.end('c');
    await keys.wait(60_000);
    expect(keys.open).toBe(true);
    expect(Buffer.from(keys.take()).toString()).toBe('c');
    await keys.wait(60_000);
    expect(keys.open).toBe(false);
    await keys.wait(60_000);
  });

  it('of a silent stream wait no longer than they are told to', async () => {
    const keys = streamKeys(new PassThrough());
    await keys.wait(1);
    expect([keys.open, keys.take().length]).toEqual([true, 0]);
  });

  it('hold a fast writer back', async () => {
    const stream = new PassThrough({ highWaterMark: 16 });
    const keys = streamKeys(stream);
    let accepted = 0;
    while (stream.write('x'.repeat(16)) && accepted < 1000) accepted++;
    await keys.wait(60_000);
    expect(accepted).toBeLessThan(1000);
    expect(keys.take().length).toBeLessThan(100);
  });

  it('of a terminal are raw while open, and as before when closed', () => {
    const modes: boolean[] = [];
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode(mode: boolean) {
        modes.push(mode);
        return this as never;
      },
    });
    const listeners = process.listenerCount('exit');
    const keys = streamKeys(terminal);
    expect([keys.terminal, modes]).toEqual([true, [true]]);
    keys.close();
    expect([modes, process.listenerCount('exit')]).toEqual([[true, false], listeners]);
  });
});
