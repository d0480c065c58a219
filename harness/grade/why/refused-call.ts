/** A call of the SBI that returned an error which the kernel has ignored, as one to power off. Reference: RISC-V SBI v2.0, table 1 and chapter 10. */
import type { Evidence } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import type { RefusedCall } from '../../evidence/sbi.ts';
import type { Detail } from '../../result/result.ts';
import { text } from './text.ts';

const ERRORS: Readonly<Record<number, string>> = {
  [-1]: 'SBI_ERR_FAILED',
  [-2]: 'SBI_ERR_NOT_SUPPORTED',
  [-3]: 'SBI_ERR_INVALID_PARAM',
  [-4]: 'SBI_ERR_DENIED',
  [-5]: 'SBI_ERR_INVALID_ADDRESS',
  [-6]: 'SBI_ERR_ALREADY_AVAILABLE',
};
const SYSTEM_RESET = 'SRST';

export function refusedCall(evidence: Evidence): Detail[] {
  const { refusedCall: call, exception, explanations } = evidence;
  if (call === undefined || exception !== null || panicOf(evidence) !== null) return [];
  const stack = explanations?.refusedCall;
  const name = ERRORS[call.error] === undefined ? `${call.error}` : `${ERRORS[call.error]} (${call.error})`;
  return [
    text(
      `the kernel's last call of the SBI returned the error ${name} in a0, and the kernel has done nothing that is seen after it: ${why(call)}`,
    ),
    ...(stack === undefined ? [] : [{ kind: 'code', text: 'called at', stack } as const]),
  ];
}

function why({ extension, function: number, argument, name, functions }: RefusedCall): string {
  const index = BigInt(number).toString();
  if (name === null) return `a7 was ${extension}, and no extension has that number`;
  const which = `a7 was ${extension} (${name}), and a6 was ${index}`;
  const powerOff = name === SYSTEM_RESET ? '. To power off, a6 is 0, a0 is 0 (shutdown) and a1 is 0' : '';
  if (BigInt(number) >= BigInt(functions)) {
    const has = functions === 1 ? 'function 0 alone' : `functions 0 to ${functions - 1}`;
    return `${which}, but that extension has ${has}${powerOff}`;
  }
  return `${which}, with ${argument} in a0 as the first argument${powerOff}`;
}
