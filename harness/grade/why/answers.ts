/** An answer of the disk that lies elsewhere than the kernel looks for it, as far as the repeated run shows that. */
import { ANSWERS, REQUEST_TYPES } from '../../../machine/spec/virtio.ts';
import type { AnswerExplanation } from '../../evidence/driver.ts';
import type { Evidence, RequestEvidence } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { shortName } from '../../vocabulary/virtio-names.ts';
import { isOverlapping } from './overlaps.ts';
import { SENTENCE, text } from './text.ts';

interface Answer extends AnswerExplanation {
  readonly drive: string;
  readonly of: RequestEvidence;
}

/** The first of them, since the others follow from the same line as a rule. */
export function answers(evidence: Evidence): Detail[] {
  const all = (evidence.explanations?.drivers ?? []).flatMap(({ drive, answers: own }) =>
    own.flatMap((one): Answer[] => {
      const of = evidence.requests.find((request) => request.drive === drive && request.number === one.request);
      return of === undefined || isOverlapping(of, evidence) ? [] : [{ ...one, drive, of }];
    }),
  );
  const places = all.flatMap((one) => [...constants(one), ...pointer(one), ...otherData(one)].slice(0, 1));
  const [first] = places;
  return first ?? lastStatus(all, evidence);
}

const nameOf = (symbol: string | null, address: string): string =>
  symbol === null ? address : `${printable(symbol, SENTENCE)} (${address})`;

/** Which line chose the address. */
function givenAt({ descriptor, given }: Answer): Detail[] {
  return given === null ? [] : [{ kind: 'code', text: `address of desc ${descriptor} stored at`, stack: given }];
}

/** A device does not heed what a linker script calls read-only. */
function constants(answer: Answer): Detail[][] {
  const { drive, request, part, of, address, constants: section } = answer;
  if (section === null) return [];
  const what = part === 'data' ? 'the data' : 'the status byte';
  return [
    [
      text(
        `${drive}: request #${request} (${shortName(REQUEST_TYPES, of.type ?? 0)}, sector ${of.sector}) had the device write ${what} to ${address}, in ` +
          `${printable(section, SENTENCE)}, where the kernel's constants are, such as strings: was a constant given for the buffer?`,
      ),
      ...givenAt(answer),
    ],
  ];
}

/** A pointer stood where the data are, in a place in which a pointer may be. */
function pointer(answer: Answer): Detail[][] {
  const { drive, request, part, of, address, symbol, onStack, read, pointer: found } = answer;
  const isVariable = symbol !== null && !symbol.includes('+');
  if (found === null || part !== 'data' || (!onStack && !isVariable)) return [];
  const isRead = of.type === REQUEST_TYPES.IN;
  if (isRead ? read !== null || !(found.read || found.symbol !== null) : found.symbol === null) return [];
  const where = onStack ? `${address}, on the stack,` : `${nameOf(symbol, address)},`;
  const meant = found.symbol === null ? `the address ${found.value}` : `the address of ${nameOf(found.symbol, found.value)}`;
  const unread = isRead ? ', and the kernel has not read what the device wrote there' : '';
  return [
    [
      text(
        `${drive}: the data of request #${request} are at ${where} where ${meant} stood when the device was notified${unread}: does the descriptor have the ` +
          'address of a pointer (&buf) instead of the address that the pointer holds (buf)?',
      ),
      ...givenAt(answer),
    ],
  ];
}

function otherData(answer: Answer): Detail[][] {
  const { drive, request, part, of, address, symbol, read, instead } = answer;
  if (part !== 'data' || of.type !== REQUEST_TYPES.IN || read !== null || instead === null) return [];
  return [
    [
      text(
        `${drive}: the device wrote the data of request #${request} to ${nameOf(symbol, address)}, which the kernel has not read; it read ` +
          `${nameOf(instead.symbol, instead.address)}, where the device has written nothing: does the descriptor have the address at which the kernel looks?`,
      ),
      { kind: 'code', text: 'read at', stack: instead.stack },
      ...givenAt(answer),
    ],
  ];
}

/** What a kernel says that takes an answer for a failure; and where the data are what it does not like. */
const FAILED = /fail|error|status/i;
const COMPARED = /differ|mismatch|wrong|compare|data|no |out of/i;
/** Instructions from the look at an answer to the end of a kernel that panics because of it. */
const SOON = 2000;

function lastStatus(all: readonly Answer[], evidence: Evidence): Detail[] {
  const panic = panicOf(evidence);
  const statuses = all.filter(({ part }) => part === 'status');
  const last = statuses.at(-1);
  if (panic === null || last === undefined) return [];
  const status = (one: Answer): number => one.of.completion?.status ?? ANSWERS.OK;
  const missed = statuses.findLast(({ read, instead }) => read === null && instead !== null);
  if (missed !== undefined && missed.instead !== null) {
    return [
      text(
        `${missed.drive}: the device wrote its answer to request #${missed.request} (${shortName(ANSWERS, status(missed))}) to ` +
          `${nameOf(missed.symbol, missed.address)}, which the kernel has not read; it read ${nameOf(missed.instead.symbol, missed.instead.address)}, where ` +
          'the device has written nothing: does the descriptor have the address of the byte in which the driver looks for the answer?',
      ),
      { kind: 'code', text: 'read at', stack: missed.instead.stack },
      ...givenAt(missed),
    ];
  }
  const isLast = last.of === evidence.requests.findLast((one) => one.drive === last.drive);
  const isSoon = last.readAt !== null && evidence.instructions - last.readAt <= SOON;
  const isAboutIt = FAILED.test(panic.message) && !COMPARED.test(panic.message);
  if (!isLast || !isSoon || !isAboutIt || status(last) !== ANSWERS.OK || last.read === null) return [];
  return [
    text(
      `${last.drive}: the device answered request #${last.request} with OK (0), and the kernel read that shortly before it panicked: 0 is success. Does the ` +
        'driver take it for a failure?',
    ),
    { kind: 'code', text: 'read at', stack: last.read },
  ];
}
