/** What was done to a request on purpose, in words for reports. */
import type { FaultEvidence } from './evidence.ts';

/** The end of a sentence about the request: `made to fail with IOERR`. */
export function faultText(fault: FaultEvidence): string {
  switch (fault.kind) {
    case 'answer':
      return `made to fail with ${fault.answer}`;
    case 'late':
      return `made to complete ${fault.nanoseconds.toLocaleString('en-US')} ns late`;
    case 'after-next':
      return 'made to complete after the next one';
    case 'interrupt-lost':
      return 'made to complete without an interrupt';
    case 'data':
      return 'made to answer with other bytes than the disk holds';
  }
}
