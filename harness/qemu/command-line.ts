/**
 * A command line of QEMU's: its words, and the machine that they describe. As in QEMU, one dash or two are the same, a value is the next word,
 * and the last of several wins.
 */
import { UsageError } from '../vocabulary/usage-error.ts';
import { resolveDevices } from './devices.ts';
import { resolveFlash } from './flash.ts';
import { resolveConfig } from './fw-cfg.ts';
import type { Option, QemuDraft } from './options.ts';
import type { MachineSettings } from './settings.ts';

/** Applies every option to the draft, and notes there what is wrong. `remedy`: what to do about an option that there is not. */
export function readOptions<Draft extends QemuDraft>(
  words: readonly string[],
  { draft, options, remedy }: { draft: Draft; options: Readonly<Record<string, Option<Draft>>>; remedy: string },
): void {
  const { mistakes } = draft;
  for (let at = 0; at < words.length; at++) {
    const spelled = words[at]!;
    const name = /^--?(.+)$/s.exec(spelled)?.[1];
    if (name === undefined) {
      mistakes.add(`${spelled}: options only; a kernel is named with -kernel FILE`);
      continue;
    }
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      mistakes.add(`${spelled}: no such option; ${remedy}`);
      // What follows is its value, most likely.
      if (at + 1 < words.length && !words[at + 1]!.startsWith('-')) at++;
      continue;
    }
    if (option.takesValue && at + 1 === words.length) {
      mistakes.add(`${spelled}: a value is missing after it`);
      continue;
    }
    const value = option.takesValue ? words[++at]! : '';
    mistakes.attempt(() => option.apply(draft, value, name));
  }
}

/** The machine, and the ids of drives that no device uses. It is complete where no mistake was noted. */
export function settleMachine(draft: QemuDraft): { machine: MachineSettings; unused: readonly string[] } {
  const { mistakes, cpu, memory, harts, clock, kernel, initrd, append, modernVirtio } = draft;
  if (append !== undefined && kernel === undefined) mistakes.add('-append: needs -kernel FILE');
  if (initrd !== undefined && kernel === undefined) mistakes.add('-initrd: needs -kernel FILE');
  const bios = draft.bios === 'default' ? 'builtin' : draft.bios === 'none' ? 'none' : { file: draft.bios };
  const { drives, entropy, network, loader, unused } = resolveDevices(draft, mistakes);
  const flash = resolveFlash(draft, mistakes);
  const fwCfg = resolveConfig(draft.configs, mistakes);
  return {
    machine: { cpu, memory, harts, clock, kernel, bios, initrd, append, loader, drives, entropy, network, fwCfg, flash, modernVirtio },
    unused,
  };
}

/**
 * Splits a line as a shell does: at blanks, with quotation marks and backslashes; a backslash at the end of a line goes on in the next one.
 * Throws a UsageError. Left out: variables and commands of a shell or of make, which stay as they are written.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    const next = line[at + 1];
    // A line that was copied with the backslash at its end.
    if (character === '\\' && quote === '' && word === null && next === undefined) break;
    if (character === '\\' && quote !== "'" && next !== undefined) {
      at++;
      // YAML makes a blank of the end of a line.
      if (next === '\n' || (word === null && next === ' ')) continue;
      // Between double quotation marks a backslash is itself, unless it protects one of these.
      word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new UsageError(`a ${quote} has no second one; close it, or leave it out`);
  if (word !== null) words.push(word);
  return words;
}
