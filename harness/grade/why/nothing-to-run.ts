/**
 * A kernel whose scheduler finds nothing to run: it looks through a table with interrupts on, with or without WFI. That is no mistake of its own:
 * most likely all programs wait for a key, and if not, what they wait for does not come.
 */
import { binaryOfBase64, bytesOfBinary } from '../../bytes/binary.ts';
import { utf8Text } from '../../bytes/text.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { LoopEvidence } from '../../evidence/loop.ts';
import { quoted } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { text } from './text.ts';

interface Scanning {
  readonly scan: NonNullable<LoopEvidence['scan']>;
}

/** `table`: its name. */
export function nothingToRun({ sleeps, scan }: LoopEvidence & Scanning, table: string, evidence: Evidence): Detail[] {
  const explained = evidence.explanations?.loop ?? null;
  const { load, stride, entries } = scan;
  const rest = sleeps ? ', and then sleeps (WFI) until the next interrupt' : '';
  return [
    text(
      `the kernel has nothing to do: with interrupts on, it looks again and again at ${entries} entries of ${stride} bytes, from ${table} at ` +
        `${load.address} on, as a scheduler looks for something to run${rest}`,
    ),
    ...(explained !== null && explained.stack.places.length > 0
      ? [{ kind: 'code', text: 'it looks at', stack: explained.stack } as const]
      : []),
    text(`it waits for an interrupt that gives it something to run. ${keys(evidence)}`),
  ];
}

const ELSE = 'else whatever should run next was never woken';

/** Whether it waits for keys, as far as one can tell. */
function keys({ console, interrupts }: Evidence): string {
  const end = utf8Text(bytesOfBinary(binaryOfBase64(console).slice(-LAST_BYTES)))
    .split('\n')
    .at(-1)!;
  const shown = end.trim() === '' ? '' : `The console ends with ${quoted(end)}: `;
  if (interrupts === null || (interrupts.uart.enabled & 1) === 0) {
    return shown === ''
      ? 'Nothing that should run was woken.'
      : `${shown}if that is a prompt, it waits for a key that nobody types; ${ELSE}.`;
  }
  const unread = interrupts.uart.unread;
  if (unread > 0) return `Its console has ${unread} ${unread === 1 ? 'key' : 'keys'} that it has not read.`;
  const read = 'it has read all that was typed, and keys interrupt it';
  return shown === '' ? `As to keys, ${read}.` : `${shown}if that is a prompt, it waits for the next key (${read}); ${ELSE}.`;
}

/** Bytes of the console's end within which its last line is looked for. */
const LAST_BYTES = 300;
