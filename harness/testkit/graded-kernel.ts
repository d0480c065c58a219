/** What is said of a kernel that was run and explained, for tests of the sentences about mistakes. */
import { explain } from '../explain/index.ts';
import { findingDetails } from '../grade/finding-details.ts';
import { whyStopped } from '../grade/why/index.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { Detail } from '../result/result.ts';
import { runScenario } from '../run/scenario.ts';
import { NO_ASKS } from '../vocabulary/facts.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { DriveSetup, Scenario } from '../vocabulary/scenario.ts';

const HOST = machineHost('bootgrade test');
const DRIVE: DriveSetup = {
  name: 'disk',
  own: null,
  size: 4096,
  contents: [{ at: 0, bytes: new TextEncoder().encode('sector zero') }],
  slot: null,
  serial: null,
  readonly: false,
  present: true,
};
const IMAGES = new Map([['disk', initialImage(DRIVE)]]);
const SCENARIO: Scenario = {
  name: 'boot',
  hidden: false,
  until: null,
  keys: [],
  races: false,
  diskFrom: null,
  cuts: null,
  schedules: null,
  schedule: [],
  faults: [],
  facts: NO_ASKS,
  machine: {
    cpu: 'rv64',
    memory: 2 ** 24,
    bios: 'builtin',
    initrd: null,
    loader: [],
    harts: 1,
    clock: 1,
    fillRam: 0,
    append: '',
    drives: [DRIVE],
    transport: 'legacy',
    rng: null,
    network: null,
    fwCfg: null,
    flash: null,
  },
  limit: { text: '100ms guest', nanoseconds: 100_000_000 },
  work: 5e9,
  interests: [],
};

/** Runs a kernel with one disk, explains how it ended, and says it as a report would. */
export function gradedKernel(bytes: Uint8Array, { transport, races = false }: { transport: 'legacy' | 'modern'; races?: boolean }) {
  const scenario = { ...SCENARIO, races, machine: { ...SCENARIO.machine, transport } };
  const kernel = { bytes, sha256: '00'.repeat(32) };
  const evidence = runScenario(scenario, IMAGES, kernel, HOST);
  const wanted = { stores: [], prints: [], end: true, races, accepted: [] };
  const explained = { ...evidence, explanations: explain({ scenario, images: IMAGES, kernel, host: HOST }, evidence, wanted) };
  const findings = findingDetails(explained.findings, explained);
  return {
    evidence: explained,
    stop: evidence.stop.reason,
    says: linesOf(whyStopped(explained)).join('\n'),
    findings: explained.findings.map((one) => [one.message, ...linesOf(findings.get(one) ?? [])].join('\n')),
  };
}

function linesOf(details: readonly Detail[]): string[] {
  return details.flatMap((detail) => ('text' in detail ? [detail.text] : []));
}
