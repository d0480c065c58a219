import { resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidencePath, reportPath } from './name.ts';

describe('where a report lies', () => {
  it.each([
    ['alice', 'alice'],
    ['section 1/jürgen', 'section 1/jürgen'],
    ['..', '%2E%2E'],
    ['../../etc/passwd', '%2E%2E/%2E%2E/etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['a\nb\u001b[2J', 'a%0Ab%1B%5B2J'],
    ['50%', '50%25'],
    ['C:\\x', 'C%3A%5Cx'],
    ['##[error]x', '##%5Berror]x'],
    ['alice.write.evidence', 'alice.write%2Eevidence'],
    ['alice.json/bob', 'alice%2Ejson/bob'],
    ['', '%2E'],
    ['alice.gradescope', 'alice%2Egradescope'],
    ['alice.html/bob', 'alice%2Ehtml/bob'],
    ['alice.html', 'alice.html'],
    ['journal.jsonl/bob', 'journal%2Ejsonl/bob'],
    ['shard-1-of-2.blob/bob', 'shard-1-of-2%2Eblob/bob'],
    ['alice.json.12.tmp/bob', 'alice.json.12%2Etmp/bob'],
    ['class', '%63lass'],
    ['Class.html', '%43lass.html'],
    ['class/alice', 'class/alice'],
    ['classes', 'classes'],
  ])('%j → %s', (name, path) => {
    expect(reportPath(name)).toBe(path);
  });

  it('has evidence beside it, which no other name or scenario shares', () => {
    expect(evidencePath('section/alice', 'write')).toBe('section/alice.write.evidence');
    expect(evidencePath('alice', 'b.x')).not.toBe(evidencePath('alice.b', 'x'));
    expect(reportPath('alice.write.evidence')).not.toBe(evidencePath('alice', 'write'));
  });

  it('fits a file system, and still tells long names apart', () => {
    const long = 'é'.repeat(200);
    expect(Buffer.byteLength(reportPath(long))).toBeLessThanOrEqual(150);
    expect(reportPath(long)).not.toBe(reportPath(`${long}x`));
  });

  it('stays below the folder and never maps two names to one', () => {
    const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('/'));
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(name, name, (a, b) => {
        const at = resolve('/reports', `${reportPath(a)}.json`);
        expect(at.startsWith(`${sep}reports${sep}`)).toBe(true);
        expect(at).not.toContain('\0');
        if (a !== b) expect(reportPath(a)).not.toBe(reportPath(b));
      }),
    );
  });
});
