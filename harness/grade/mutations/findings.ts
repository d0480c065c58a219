/** What the driver does against the specification, changed: one finding more of each severity. */
import type { Evidence } from '../../evidence/evidence.ts';
import { findingSchema } from '../../evidence/finding.ts';
import type { Mutation } from './kind.ts';

export function findingMutations(evidence: Evidence): Mutation[] {
  return evidence.devices.flatMap(({ drive }) =>
    findingSchema.shape.severity.options.map((severity): Mutation => {
      const where = {
        drive,
        request: null,
        culprit: null,
        register: null,
        time: evidence.time,
        instructions: evidence.instructions,
        pc: null,
      };
      const finding = { rule: 'mutation', section: '2', severity, ...where, count: 1, message: 'Made up by rubric test.' };
      return {
        name: `${drive}/finding=${severity}`,
        what: `the driver breaks a rule of the specification: ${severity}`,
        evidence: { ...evidence, findings: [...evidence.findings, finding] },
      };
    }),
  );
}
