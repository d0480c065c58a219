/** All probes of the virtio block device, by name. */
import type { Transport } from '../../virtio/features.ts';
import { Barrier, type Probe, ProbeDriver } from '../probe-driver.ts';
import { ProbeScript } from '../probe-player.ts';
import { MALFORMED_PROBES } from './malformed.ts';
import { QUEUE_PROBES } from './queues.ts';
import { REGISTER_PROBES } from './registers.ts';
import { REQUEST_PROBES } from './requests.ts';

export { SECTORS } from './requests.ts';

export const PROBES: Readonly<Record<string, Probe>> = { ...REGISTER_PROBES, ...REQUEST_PROBES, ...QUEUE_PROBES, ...MALFORMED_PROBES };

export const probesOf = (transport: Transport): string[] =>
  Object.keys(PROBES).filter((name) => (PROBES[name]!.only ?? transport) === transport);

/** One script that plays all probes of a transport. Before each probe its device is reset. */
export function scriptOf(transport: Transport, names: readonly string[] = probesOf(transport)): ProbeScript {
  const script = new ProbeScript();
  const barrier = new Barrier(script, transport);
  for (const name of names) {
    const { drive = 'first', play } = PROBES[name]!;
    script.begin(name);
    const driver = new ProbeDriver(script, transport, drive, barrier);
    play(driver.restart());
    driver.set('Status', 0);
  }
  return script;
}
