import { describe, expect, it } from 'vitest';
import { Dialogue, type KeyPair } from './dialogue.ts';
import { LineWatch } from './line-watch.ts';

/** Ends at a text, if one is given. */
const dialogue = (until: string | undefined, pairs: readonly KeyPair[]) =>
  new Dialogue({ console: until === undefined ? [] : [until] }, pairs);

const pair = (when: string, type: string): KeyPair => ({ when, after: 0, type: new TextEncoder().encode(type) });

/** What happened while the console showed `text`: each event with the text before it. */
function play(played: Dialogue, text: string): string[] {
  const events: string[] = [];
  [...Buffer.from(text)].forEach((byte, at) => {
    if (!played.push(byte)) return;
    const shown = JSON.stringify(text.slice(0, at + 1));
    events.push(...played.takeKeys().map((keys) => `${shown} types ${Buffer.from(keys)}`));
    if (played.reached !== undefined) events.push(`${shown} ends`);
  });
  return events;
}

describe('Dialogue', () => {
  it('ends where its text was shown, wherever that is', () => {
    expect(play(dialogue('ready', []), 'not rea ready')).toEqual(['"not rea ready" ends']);
  });

  it('types each pair once, in order, after the text that released the one before', () => {
    expect(play(dialogue(undefined, [pair('# ', 'a'), pair('# ', 'b'), pair('x', 'c')]), 'x# x# x')).toEqual([
      '"x# " types a',
      '"x# x# " types b',
      '"x# x# x" types c',
    ]);
  });

  it('does not find a text that overlaps the one before', () => {
    expect(play(dialogue(undefined, [pair('aa', '1'), pair('aa', '2')]), 'aaa')).toEqual(['"aa" types 1']);
  });

  it('may end before all keys are typed', () => {
    expect(play(dialogue('panic', [pair('login:', 'root')]), 'kernel panic')).toEqual(['"kernel panic" ends']);
  });

  it('does not end where the text releases keys, but at the next', () => {
    expect(play(dialogue('# ', [pair('# ', 'ls')]), '# file\n# ')).toEqual(['"# " types ls', '"# file\\n# " ends']);
  });

  it('ends at the first of several texts', () => {
    const several = () => new Dialogue({ console: ['panic', 'all tests passed'] }, []);
    expect(play(several(), 'x panic')).toEqual(['"x panic" ends']);
    const passed = several();
    expect(play(passed, 'pan all tests passed')).toEqual(['"pan all tests passed" ends']);
    expect(passed.reached).toEqual({ console: 'all tests passed' });
  });

  it('ends with the line that matches, and says which', () => {
    const matching = new Dialogue({ console: ['never'], lines: new LineWatch(['^\\d+ tests, (0|1) failed$', '^panic']) }, []);
    expect(play(matching, '12 tests, 2 failed\r\n12 tests, 1 failed')).toEqual([]);
    expect(matching.push(0x0d)).toBe(false);
    expect(matching.push(0x0a)).toBe(true);
    expect(matching.reached).toEqual({ console: '12 tests, 1 failed', matches: '^\\d+ tests, (0|1) failed$' });
  });

  it('goes on from a moment in the middle of a line, and of a text', () => {
    const make = () => new Dialogue({ console: ['abc'], lines: new LineWatch(['^x+y$']) }, []);
    const before = make();
    expect(play(before, 'xxab')).toEqual([]);
    const after = make();
    after.restore(before.save());
    expect(play(after, 'c')).toEqual(['"c" ends']);
    const again = make();
    again.restore({ ...before.save(), line: [...Buffer.from('xx')] });
    expect(play(again, 'y\n')).toEqual(['"y\\n" ends']);
  });

  it('keeps a bounded part of a line without end', () => {
    const endless = new Dialogue({ console: [], lines: new LineWatch(['a$']) }, []);
    for (let at = 0; at < 200_000; at++) endless.push(0x61);
    expect(endless.save().line).toHaveLength(65_536);
    expect(endless.push(0x0a)).toBe(true);
  });
});
