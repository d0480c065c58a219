/** Memory of a process and all that it has started, as Linux tells it. Reference: proc(5), /proc/pid/statm and /proc/pid/task/tid/children. */
import { readBeginning } from '../files/read.ts';

const PAGE = 4096;
const MOST_PROCESSES = 10_000;
const LONGEST = 65_536;

/** Bytes of memory that they occupy together; 0 where the system does not tell. What two share counts twice. */
export function memoryOfTree(process: number): number {
  let bytes = 0;
  let count = 0;
  const waiting = [process];
  for (let id = waiting.pop(); id !== undefined && count < MOST_PROCESSES; id = waiting.pop()) {
    count++;
    const [, resident = '0'] = read(`/proc/${id}/statm`).split(' ');
    bytes += Number(resident) * PAGE;
    for (const child of read(`/proc/${id}/task/${id}/children`).split(' ')) if (child !== '') waiting.push(Number(child));
  }
  return bytes;
}

/** Empty where the process is gone. */
function read(file: string): string {
  try {
    return readBeginning(file, LONGEST).toString('latin1');
  } catch {
    return '';
  }
}
