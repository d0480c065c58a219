/** Places in a kernel's code as lines of text: its own source lines, or functions and addresses if there are none. */
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { CodeFrame, CodeStack, StoreExplanation } from '../evidence/code-place.ts';
import { isOwnLine } from '../evidence/culprit.ts';
import { excerptLines } from './excerpt.ts';
import { fixed, type Line, plain, sentence } from './lines.ts';
import { type Colors, clean } from './words.ts';

/** Callers that are shown. */
const MOST_CALLERS = 5;

const CALLED_FROM = 'called from';

/**
 * `lead` stands before the innermost place, the callers below it: the submission's own source lines, from the first that the student wrote
 * on; if there are none its own functions; if there are none of these either, all that is known. Code that was handed in is shown.
 */
export function stackLines(lead: string, { places, notes }: CodeStack, colors: Colors): Line[] {
  const { inner, frames } = shownFrames(places);
  return [
    ...placeLines(lead, frames, colors),
    ...givenNotes(inner, frames).map((note) => sentence(colors.dim(`(${note})`))),
    ...notes.map((note) => sentence(colors.dim(`(${clean(note)})`))),
  ];
}

interface ShownFrame {
  readonly address: string;
  readonly frame: CodeFrame | null;
}

interface Shown {
  /** Lines of given code that the student's own led to. */
  readonly inner: readonly ShownFrame[];
  readonly frames: readonly ShownFrame[];
}

function shownFrames(places: CodeStack['places']): Shown {
  const frames = places.flatMap(({ address, frames: inlined }): ShownFrame[] =>
    inlined.length === 0 ? [{ address, frame: null }] : inlined.map((frame) => ({ address, frame })),
  );
  const own = frames.filter(({ frame }) => frame === null || !frame.library);
  const lines = own.filter(({ frame }) => frame !== null && isOwnLine(frame));
  const from = Math.max(
    0,
    lines.findIndex(({ frame }) => frame?.given !== true),
  );
  return { inner: lines.slice(0, from), frames: [lines.slice(from), own, frames].find(({ length }) => length > 0) ?? [] };
}

/** What of it the course gave. */
function givenNotes(inner: readonly ShownFrame[], [first]: readonly ShownFrame[]): string[] {
  const [deepest] = inner;
  if (deepest !== undefined) return [`this line has called code that was given: ${placeText(deepest.address, deepest.frame)}`];
  return first?.frame?.given === true ? ['in code that was given'] : [];
}

function placeLines(lead: string, frames: readonly ShownFrame[], colors: Colors): Line[] {
  const shown = frames.slice(0, 1 + MOST_CALLERS);
  const width = Math.max(lead.length, shown.length > 1 ? CALLED_FROM.length : 0);
  return shown.flatMap(({ address, frame }, index) => {
    const label = index === 0 ? lead : index === 1 ? CALLED_FROM : '';
    return [
      fixed(`${label.padStart(width)}  ${placeText(address, frame)}`),
      ...(frame?.code === undefined ? [] : excerptLines(frame.code, frame.line, colors)),
    ];
  });
}

/** Where a stored value was made; of the calls only those that did not lead to the store as well. */
function madeLines(lead: string, made: CodeStack, store: CodeStack, colors: Colors): Line[] {
  const told = new Set(shownFrames(store.places).frames.map(({ address, frame }) => placeText(address, frame)));
  const { frames } = shownFrames(made.places);
  const common = frames.findIndex(({ address, frame }, index) => index > 0 && told.has(placeText(address, frame)));
  return placeLines(lead, common < 0 ? frames : frames.slice(0, common), colors);
}

/** The store with the instructions around it, where no source line is known. */
function instructionLines({ stack, around = [] }: Extract<StoreExplanation, { by: 'kernel' }>): Line[] {
  return around.map(({ pc, text }) => fixed(`  ${pc === stack.places[0]?.address ? '>' : ' '} ${clean(pc)}  ${clean(text)}`));
}

/** `src/queue.rs:111 write`, or `lab::queue::write+0x14 at 0x80200a14`, or the address alone. */
function placeText(address: string, frame: CodeFrame | null): string {
  const name = frame?.function ?? null;
  const shownName = name === null ? '' : clean(name);
  if (frame !== null && frame.file !== null && frame.line !== null) {
    return `${clean(frame.path ?? frame.file)}:${frame.line} ${shownName}`.trimEnd();
  }
  const symbol = frame?.symbol === undefined ? shownName : clean(frame.symbol);
  return symbol === '' ? clean(address) : `${symbol} at ${clean(address)}`;
}

/** An instruction that loads: what was in memory long before was made elsewhere. */
const LOAD = /^(?:c\.)?l[bhwd]u?(?:sp)? /;

function hasLine({ places }: CodeStack): boolean {
  return places.some(({ frames }) => frames.some(({ line }) => line !== null));
}

/** The variable that the value is a part of, unless its line is shown anyway. */
function heldLines({ heldIn, stack, origins = [] }: Extract<StoreExplanation, { by: 'kernel' }>, colors: Colors): Line[] {
  if (heldIn === undefined) return [];
  const linesOf = ({ places }: CodeStack) => places.flatMap(({ frames }) => frames.map(({ file, line }) => `${line} ${file}`));
  const told = new Set([stack, ...origins.map((origin) => origin.stack)].flatMap(linesOf));
  const isTold = linesOf(heldIn.declared).every((line) => told.has(line));
  return isTold ? [] : stackLines(`${clean(heldIn.value)} is in ${clean(heldIn.name)}, declared at`, heldIn.declared, colors);
}

/** Who stored the bytes that a check found wrong. */
export function originLines(text: string, stored: StoreExplanation | null, colors: Colors): Line[] {
  switch (stored?.by) {
    case undefined:
      return [];
    case 'kernel':
      return [
        ...stackLines(`${clean(text)} stored at`, stored.stack, colors),
        ...instructionLines(stored),
        ...(stored.origins ?? []).flatMap(({ value, instruction, stack }) => {
          const how = `${LOAD.test(instruction) ? 'read from memory' : 'made'} at`;
          const whole = value === null ? 'its value comes from' : `its value ${clean(value)} ${how}`;
          const made = madeLines(whole, stack, stored.stack, colors);
          // Where no line is known, the instruction says at least what it is.
          return hasLine(stored.stack) ? made : [fixed(`${plain(made[0]!)}: ${clean(instruction)}`), ...made.slice(1)];
        }),
        ...heldLines(stored, colors),
      ];
    case 'device':
      return [sentence(`${clean(text)}: written by the device itself, after ${groupedDigits(stored.instructions)} instructions`)];
    case 'nobody':
      return [sentence(`${clean(text)}: never stored; it still has the value from the kernel file, or zero`)];
  }
}
