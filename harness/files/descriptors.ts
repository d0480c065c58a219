/** Makes sure that files can be opened by code which does not report why it failed. */
import { closeSync, openSync } from './calls.ts';
import { onHost } from './system-error.ts';

/** Makes sure that this process can open so many files more; `what` begins the sentence. Throws HostError. */
export function assureDescriptors(count: number, what: string): void {
  const opened: number[] = [];
  try {
    onHost(what, () => {
      while (opened.length < count) opened.push(openSync(process.execPath, 'r'));
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
