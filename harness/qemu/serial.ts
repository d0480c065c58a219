/**
 * Where the console goes: QEMU's `-serial`, `-chardev` and their ids.
 *
 * The machine has one UART, so the first `-serial` is the console; it is on standard output unless QEMU's option says
 * `none` or `null`. Left out: sockets, terminals other than ours, and files (the shell redirects to those).
 */

import { UsageError } from '../vocabulary/usage-error.ts';
import { parseList } from './list.ts';
import type { ConsoleBackend } from './settings.ts';

const BACKENDS: Readonly<Record<string, ConsoleBackend>> = {
  stdio: 'stdio',
  'mon:stdio': 'stdio',
  null: 'null',
  none: 'null',
  'mon:null': 'null',
};

/** The console's backend from the values of all `-serial` and `-chardev`, in their order. */
export function resolveConsole(serials: readonly string[], chardevs: readonly string[]): ConsoleBackend {
  const byId = new Map(chardevs.map(parseChardev));
  const serial = serials[0] ?? 'stdio';
  const id = /^(?:mon:)?chardev:(.*)$/.exec(serial)?.[1];
  if (id !== undefined && !byId.has(id)) throw new UsageError(`-serial ${serial}: there is no -chardev with id=${id}`);
  const name = id === undefined ? serial : byId.get(id)!;
  const backend = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
  if (backend === undefined) {
    throw new UsageError(
      `-serial ${serial}: the console is on standard output ("stdio") or nowhere ("null"); redirect standard output for a file`,
    );
  }
  return backend;
}

function parseChardev(text: string): [id: string, backend: string] {
  const list = parseList('-chardev', text, 'backend');
  const id = list.get('id');
  if (!id) throw new UsageError(`-chardev ${text}: needs id=NAME`);
  return [id, list.get('backend')!];
}
