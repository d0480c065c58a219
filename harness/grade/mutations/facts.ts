/** What was recorded of the inside of the kernel, changed: what was counted never happened, or happened all the time. */
import { bytesOfHex, hexOf } from '../../bytes/hex.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { CountFact, FactsEvidence, RaceFact } from '../../evidence/facts.ts';
import { quoted } from '../../evidence/printable.ts';
import { type Mutation, replaced } from './kind.ts';

/** A kernel that does something for each byte, or each time around, does it far more often than it must. */
const FAR_MORE = 100;

export function factMutations(evidence: Evidence): Mutation[] {
  const { facts } = evidence;
  if (facts === undefined) return [];
  return [
    ...countMutations(evidence, facts),
    ...memoryMutations(evidence, facts),
    ...reachMutations(evidence, facts),
    ...raceMutations(evidence, facts),
  ];
}

/** A variable of which no kernel knows that harts race for it. */
function raceMutations(evidence: Evidence, { races, ...facts }: FactsEvidence): Mutation[] {
  if (races === undefined) return [];
  const access = { hart: 0, kind: 'store', pc: '0x80000000', function: null } as const;
  const race: RaceFact = { address: '0x80000000', variable: null, accesses: [access, { ...access, hart: 1 }], count: 1 };
  return [
    {
      name: 'races/one',
      what: 'two harts store to the same bytes without an order',
      evidence: { ...evidence, facts: { ...facts, races: { ...races, found: [...races.found, race] } } },
    },
  ];
}

function reachMutations(evidence: Evidence, { reached = [], ...facts }: FactsEvidence): Mutation[] {
  return reached.flatMap((fact, index) =>
    otherCounts(fact).map(({ name, what, count }) => ({
      name: `reached/${index + 1}/${name}`,
      what: `${what} calls of ${fact.symbol ?? fact.address}${fact.from === null ? '' : ` from ${fact.from}`}`,
      evidence: { ...evidence, facts: { ...facts, reached: replaced(reached, index, { ...fact, count }) } },
    })),
  );
}

function memoryMutations(evidence: Evidence, facts: FactsEvidence): Mutation[] {
  return facts.memory.flatMap((fact, index): Mutation[] => {
    if (fact.bytes === '') return [];
    const [first, ...rest] = bytesOfHex(fact.bytes);
    const bytes = hexOf(Uint8Array.of(first! ^ 0xff, ...rest));
    const where = fact.symbol ?? fact.address ?? '';
    return [
      {
        name: `memory/${index + 1}/byte-0`,
        what: `the first byte at ${where} is different`,
        evidence: { ...evidence, facts: { ...facts, memory: replaced(facts.memory, index, { ...fact, bytes }) } },
      },
    ];
  });
}

function countMutations(evidence: Evidence, facts: FactsEvidence): Mutation[] {
  return facts.counts.flatMap((fact, index) =>
    otherCounts(fact).map(({ name, what, count }) => ({
      name: `counts/${index + 1}-${fact.of}/${name}`,
      what: `${what} ${nameOf(fact)}`,
      evidence: { ...evidence, facts: { ...facts, counts: replaced(facts.counts, index, { ...fact, count }) } },
    })),
  );
}

function otherCounts({ count }: Pick<CountFact, 'count'>): { name: string; what: string; count: number }[] {
  if (count === null) return [];
  const none = count === 0 ? [] : [{ name: 'none', what: 'there are no', count: 0 }];
  return [...none, { name: 'more', what: `there are ${FAR_MORE} times as many`, count: FAR_MORE * Math.max(count, 1) }];
}

function nameOf({ of, systemCall, between }: CountFact): string {
  const number = systemCall === null ? '' : ` ${systemCall}`;
  return `${of.replace('-', ' ')}${number}${between === null ? '' : ` between ${quoted(between.from, 40)} and ${quoted(between.to, 40)}`}`;
}
