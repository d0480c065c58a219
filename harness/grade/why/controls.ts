/** Where a bit or a register was set that keeps an interrupt from its handler. */
import type { Evidence } from '../../evidence/evidence.ts';
import { type InterruptsEvidence, kernelMode } from '../../evidence/interrupts.ts';
import type { Detail } from '../../result/result.ts';
import { INTERRUPTS } from './interrupt-names.ts';
import { type Obstacle, openHandler } from './interrupt-path.ts';
import { text } from './text.ts';

/** The obstacle, and what is known of how it came about. */
export function obstacleLines(obstacle: Obstacle, before: string, after: string, { interrupts, explanations }: Evidence): Detail[] {
  const { control } = obstacle;
  const controls = explanations?.interrupts?.controls ?? [];
  const own = controls.find(({ name }) => name === control);
  const line = text(`${before}${obstacle.text}${after}`);
  if (control === undefined || interrupts === null) return [line];
  if (own !== undefined) return [line, { kind: 'code', text: control.startsWith('0x') ? 'written at' : 'turned off at', stack: own.stack }];
  const { enableRegister, globally, statusRegister, status } = kernelMode(interrupts);
  const [register] = control.split('.');
  const written = register === enableRegister ? controls.find(({ name }) => name === register) : undefined;
  if (written !== undefined) {
    return [
      line,
      text(written.value === '0x0' ? `the kernel wrote 0 to ${register} last` : lastBits(written.value, interrupts)),
      at(`${register} written at`, written.stack),
    ];
  }
  if (control !== `${statusRegister}.${status[0]}`) return [line];
  const last = openHandler(interrupts);
  if (last !== undefined) {
    const name = INTERRUPTS[last.cause] ?? `interrupt ${last.cause}`;
    return [
      line,
      text(
        `the kernel has not returned from the ${name} (cause ${last.cause}) since it took it: a trap clears ${globally.name}, and ` +
          `${statusRegister === 'sstatus' ? 'sret' : 'mret'} sets it again. A handler must not wait for a further interrupt`,
      ),
    ];
  }
  const previous = controls.find(({ name }) => name === `${statusRegister}.${status[1]}`);
  if (previous === undefined) return [line];
  return [
    line,
    text(
      `the return from a trap sets ${globally.name} to what bit ${status[1]} of ${statusRegister} holds (${statusRegister === 'sstatus' ? 'SPIE' : 'MPIE'}), and that was ` +
        'cleared before it',
    ),
    at('cleared at', previous.stack),
  ];
}

const at = (label: string, stack: Extract<Detail, { kind: 'code' }>['stack']): Detail => ({ kind: 'code', text: label, stack });

/** What a write has tried to enable. */
function lastBits(value: string, found: InterruptsEvidence): string {
  const { enableRegister, enabling, name } = kernelMode(found);
  const bits = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (BigInt(value) >> BigInt(bit)) & 1n);
  const start = `the last value that the kernel wrote to ${enableRegister} is ${value}`;
  if (bits.length > 8) return start;
  const which = bits.length === 1 ? `${start}, which is bit ${bits[0]}` : `${start}, which are the bits ${bits.join(', ')}`;
  if (bits.every((bit) => enabling.includes(bit))) return which;
  const own = `${enabling.slice(0, -1).join(', ')} and ${enabling.at(-1)}`;
  return `${which}; the interrupts of ${name} mode have the bits ${own} (software, timer, external)`;
}
