/** docs/development/conformance-rules.md is written from the rules: `npx vitest run --project all --update=true` with this file's path writes it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RULE_TOPICS, RULES } from './index.ts';
import type { Rule } from './rule.ts';

const DOCS = join(import.meta.dirname, '../../../docs/development/conformance-rules.md');

const HEAD = `# What a driver must keep to

While a kernel runs, each virtio device checks what its driver does by ${RULES.length} rules of the
[virtio 1.2 specification](https://docs.oasis-open.org/virtio/virtio/v1.2/virtio-v1.2.html), even where QEMU is lenient. What it finds is in the
evidence and in the report, and a rubric may grade it ([\`findings\`](../rubric.md)), by a rule's id or by severity.

| severity | |
|---|---|
| \`must\` | The specification requires it of a driver, by its "MUST" or by defining a format that the device relies on. |
| \`should\` | The specification advises it ("SHOULD"), or has it as a step of a procedure. |
| \`note\` | Allowed, or harmless here, and worth knowing; among them the habits of legacy drivers that QEMU accepts. |

A rule that is broken again and again is one finding with a count. Among equal reads between two other events of the device only the
first one counts, so a driver that polls a register gets one finding for each thing that it waited for.

The rules of the last part are about accesses to a buffer's memory while it belongs to the device, and about fences. They work only in a run that
watches it: where the scenario has \`races: true\`, a check of its names one of them, or with \`grade --explain\`. A finding of theirs is about
one instruction, and counts the requests.

"Legacy" and "modern" are rules for one interface version of virtio-mmio only (Version 1 and 2), "block" and "entropy" for one kind of device.
`;

function row({ id, section, severity, transport, device, sentence, graver }: Rule): string {
  const grave = graver === undefined ? '' : `, or ${graver.severity}`;
  const sentences = graver === undefined ? sentence : `${sentence} As a ${graver.severity}: ${graver.sentence}`;
  return `| \`${id}\` | ${severity}${grave} | ${section} | ${[transport, device].filter(Boolean).join(', ')} | ${sentences} |`;
}

function topic([title, rules]: [string, readonly Rule[]]): string {
  return `## ${title}\n\n| rule | severity | section | only for | what is wrong |\n|---|---|---|---|---|\n${rules.map(row).join('\n')}\n`;
}

it('docs/development/conformance-rules.md has every rule', async () => {
  await expect(`${[HEAD, ...Object.entries(RULE_TOPICS).map(topic)].join('\n')}`).toMatchFileSnapshot(DOCS);
});
