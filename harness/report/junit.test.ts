/** Read back with two readers of XML and of JUnit: fast-xml-parser, and junit2json. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parse } from 'junit2json';
import { expect, it } from 'vitest';
import { errored, HOSTILE_NAME, hostile, stack, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { wholeText } from './format.ts';
import { junit } from './junit.ts';

function report(...results: ReturnType<typeof result>[]): string {
  const [part] = junit.parts;
  if (part?.scope !== 'class') throw new Error('no part for the class');
  const subjects = results.map((of) => subject(of));
  return wholeText(part.render(subjects, {}, []));
}

async function suites(...results: ReturnType<typeof result>[]) {
  const read = await parse(report(...results));
  if (read === null || read === undefined || !('testsuite' in read)) throw new Error('no suites');
  return read.testsuite ?? [];
}

it('has a suite for each submission and a case for each check', async () => {
  const [alice, bob] = await suites(result(), writableData());
  expect(alice).toMatchObject({ name: 'alice', tests: 1, failures: 0, errors: 0, skipped: 0 });
  expect(bob).toMatchObject({ name: 'writable-data', tests: 5, failures: 2, errors: 0, skipped: 1 });
  expect(bob?.testcase?.map(({ name, classname }) => [classname, name])).toContainEqual([
    'writable-data',
    'write-flags: The data descriptor is not device-writable',
  ]);
  const failed = bob?.testcase?.find(({ name }) => name?.startsWith('write-flags'));
  expect(failed?.failure?.[0]).toMatchObject({ type: 'failed', message: 'data: expected device reads, found device writes' });
  expect(failed?.failure?.[0]?.inner).toContain('device WRITES   expected: device reads');
  expect(bob?.testcase?.find(({ name }) => name?.startsWith('image-elsewhere'))?.skipped?.[0]?.message).toBe('needs image');
});

it('names the students', async () => {
  const student = (id: string, name: string) => ({ id, name, columns: {}, ids: {} });
  const [suite, nobody] = await suites(result({ students: [student('s1001', 'Alice'), student('s1002', '<&"')] }), result());
  expect(suite?.properties).toContainEqual({ name: 'student', value: 'Alice (s1001), <&" (s1002)' });
  expect(nobody?.properties?.map(({ name }) => name)).toEqual(['title', 'score', 'max-score']);
});

it('tells the grader’s fault from a failure', async () => {
  const [suite] = await suites(errored());
  expect(suite).toMatchObject({ failures: 0, errors: 1 });
  expect(suite?.testcase?.[0]?.error?.[0]?.message).toContain('the grader gave up');
});

it('names the source line where one is known', () => {
  const details = [{ kind: 'code' as const, text: 'stored at', stack: stack('src/queue.rs', 111) }];
  const failed = check('flags', { outcome: 'failed', score: 0, details });
  const read = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(report(result({ checks: [failed] })));
  expect(read.testsuites.testsuite.testcase).toMatchObject({ file: 'src/queue.rs', line: '111' });
});

it('is well-formed XML, whatever a kernel prints', async () => {
  const text = report(hostile(), errored());
  expect(XMLValidator.validate(text)).toBe(true);
  const [suite] = await suites(hostile());
  expect(suite?.name).toBe(HOSTILE_NAME);
  expect(suite?.testcase?.[0]?.failure?.[0]?.message).toContain('</script><script>alert(1)</script>]]>');
  expect(suite?.testcase?.[0]?.failure?.[0]?.message).toContain('&amp;&lt;');
});
