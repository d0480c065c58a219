import { describe, expect, it } from 'vitest';
import { Dialogue, type KeyPair } from './dialogue.ts';

const pair = (when: string, type: string): KeyPair => ({ when, type: new TextEncoder().encode(type) });

/** What happened while the console showed `text`: each event with the text before it. */
function play(dialogue: Dialogue, text: string): string[] {
  const events: string[] = [];
  [...Buffer.from(text)].forEach((byte, at) => {
    if (!dialogue.push(byte)) return;
    const shown = JSON.stringify(text.slice(0, at + 1));
    events.push(...dialogue.takeKeys().map((keys) => `${shown} types ${Buffer.from(keys)}`));
    if (dialogue.reached !== undefined) events.push(`${shown} ends`);
  });
  return events;
}

describe('Dialogue', () => {
  it('ends where its text was shown, wherever that is', () => {
    expect(play(new Dialogue('ready', []), 'not rea ready')).toEqual(['"not rea ready" ends']);
  });

  it('types each pair once, in order, after the text that released the one before', () => {
    expect(play(new Dialogue(undefined, [pair('# ', 'a'), pair('# ', 'b'), pair('x', 'c')]), 'x# x# x')).toEqual([
      '"x# " types a',
      '"x# x# " types b',
      '"x# x# x" types c',
    ]);
  });

  it('does not find a text that overlaps the one before', () => {
    expect(play(new Dialogue(undefined, [pair('aa', '1'), pair('aa', '2')]), 'aaa')).toEqual(['"aa" types 1']);
  });

  it('may end before all keys are typed', () => {
    expect(play(new Dialogue('panic', [pair('login:', 'root')]), 'kernel panic')).toEqual(['"kernel panic" ends']);
  });

  it('does not end where the text releases keys, but at the next', () => {
    expect(play(new Dialogue('# ', [pair('# ', 'ls')]), '# file\n# ')).toEqual(['"# " types ls', '"# file\\n# " ends']);
  });
});
