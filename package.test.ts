/** The package as its users get it: packed, unpacked beside nothing else, used as a command and as a library. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import description from './package.json' with { type: 'json' };
import lock from './package-lock.json' with { type: 'json' };

const ROOT = import.meta.dirname;
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const root = mkdtempSync(join(tmpdir(), 'bootgrade-package-'));
const CONSUMER = join(root, 'consumer');
const PACKAGE = join(CONSUMER, 'node_modules/bootgrade');
const PROGRAM = join(PACKAGE, 'dist/bootgrade.mjs');

/** Packs a copy, so that a build here is not disturbed. Scripts are not run: they would build once more. */
function pack(): string {
  const copy = join(root, 'copy');
  for (const entry of ['package.json', ...description.files]) {
    if (!/^!|^dist$/.test(entry)) cpSync(join(ROOT, entry), join(copy, entry), { recursive: true });
  }
  execFileSync(process.execPath, [join(ROOT, 'build.mjs'), join(copy, 'dist')], { cwd: ROOT });
  const argv = ['pack', '--ignore-scripts', '--offline', '--json', '--pack-destination', root];
  const [{ filename }] = z
    .tuple([z.object({ filename: z.string() })])
    .parse(JSON.parse(execFileSync('npm', argv, { cwd: copy, encoding: 'utf8' })));
  return join(root, filename);
}

beforeAll(() => {
  const tarball = pack();
  mkdirSync(PACKAGE, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', PACKAGE]);
  writeFileSync(join(CONSUMER, 'package.json'), JSON.stringify({ type: 'module' }));
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

function files(): string[] {
  return readdirSync(PACKAGE, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(PACKAGE.length + 1));
}

function read(file: string): string {
  return readFileSync(join(PACKAGE, file), 'utf8');
}

describe('what is in the package', () => {
  it('is the program, the library, documents and the sample class', () => {
    const tops = [...new Set(files().map((file) => file.split('/')[0]!))].sort();
    const folders = ['dist', 'docs', 'rubrics', 'submissions'];
    const documents = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'NOTICE', 'README.md', 'SECURITY.md'];
    expect(tops).toEqual([...documents, ...folders, 'package.json'].sort());
  });

  it('has no source maps, no code of one Node alone, no sources and no tests', () => {
    expect(files().filter((file) => /\.(map|cache)$|\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const code = files().filter((file) => /^dist\/.*js$/.test(file));
    expect(code).toEqual(expect.arrayContaining(['dist/bootgrade.mjs', 'dist/program.cjs', 'dist/run.cjs']));
    expect(code.filter((file) => read(file).includes('sourceMappingURL='))).toEqual([]);
  });

  it('is read right: the scripts that are read as ASCII hold nothing else', () => {
    const odd = ['dist/program.cjs', 'dist/run.cjs'].flatMap((file) => [...read(file).matchAll(/[^\0-\x7f]/g)].map(([text]) => text));
    expect(odd).toEqual([]);
  });

  it('needs no other package, and runs nothing when it is installed', () => {
    const { dependencies, peerDependencies, optionalDependencies, scripts } = JSON.parse(read('package.json'));
    expect([dependencies, peerDependencies, optionalDependencies]).toEqual([undefined, undefined, undefined]);
    expect(Object.keys(scripts).filter((name) => /install/.test(name))).toEqual([]);
  });

  it('has every file that a document in it links to', () => {
    const documents = files().filter((file) => file.endsWith('.md'));
    const links = documents.flatMap((file) => [...read(file).matchAll(/\]\((?!\w+:|#)([^)\s#]+)/g)].map(([, to]) => ({ file, to: to! })));
    expect(links.filter(({ file }) => file === 'README.md').length).toBeGreaterThan(15);
    expect(links.filter(({ file, to }) => !existsSync(join(PACKAGE, dirname(file), to)))).toEqual([]);
  });

  it('has every path of ours that README writes into a command', () => {
    const paths = [...read('README.md').matchAll(/(?<![\w/])(?:rubrics|submissions|docs|dist)\/[\w./-]*\w/g)].map(([path]) => path);
    expect(paths).toContain('submissions/class');
    expect(paths.filter((path) => !existsSync(join(PACKAGE, path)))).toEqual([]);
  });
});

describe('the list of what is bundled', () => {
  const bom = () => read('dist/bom.json');
  const components = () => z.object({ components: z.array(z.object({ purl: z.string() })) }).parse(JSON.parse(bom())).components;

  it('is a bill of materials as CycloneDX 1.6 has it', async () => {
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(bom())).toBeNull();
  });

  it('has the packages that the sources import, in the versions that are locked', () => {
    const locked: Record<string, { version?: string }> = lock.packages;
    const imported = [
      'commander',
      'csv-parse',
      'csv-stringify',
      'diff',
      'execa',
      'log-update',
      'picocolors',
      'quickjs-wasi',
      're2js',
      'string-width',
      'wrap-ansi',
      'yaml',
      'zod',
    ];
    const expected = imported.map((name) => `pkg:npm/${name}@${locked[`node_modules/${name}`]!.version}`);
    expect(components().map(({ purl }) => purl)).toEqual(expect.arrayContaining(expected));
  });

  it('comes with the licence of each', () => {
    const licences = read('dist/THIRD-PARTY-LICENSES.txt');
    for (const { purl } of components()) {
      const [, name, version] = /^pkg:npm\/(.*)@(.*)$/.exec(decodeURIComponent(purl))!;
      expect(licences).toContain(`\n${name} ${version} (`);
    }
    expect(licences).toContain('Copyright (c) 2009-2015, Kevin Decker'); // of diff, BSD-3-Clause: its notice has to come along
  });
});

describe('the command, with nothing installed', () => {
  const run = (cwd: string, ...args: string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { cwd, encoding: 'utf8' });

  it('grades the sample class that README names', () => {
    const out = join(root, 'reports');
    const { status, stdout } = run(PACKAGE, 'grade', 'rubrics/lab13.yaml', 'submissions/class/passes', '--out', out);
    expect(stdout).toMatch(/passes\/kernel\.elf\s+100\/100/);
    expect(status).toBe(0);
  });

  it('checks a lab', () => {
    const lab = join(root, 'lab');
    mkdirSync(lab);
    writeFileSync(join(lab, 'bootgrade.yaml'), `rubric: ${join(PACKAGE, 'rubrics/lab13.yaml')}\n`);
    copyFileSync(join(PACKAGE, 'submissions/class/wrong-sector/kernel.elf'), join(lab, 'kernel.elf'));
    const { status, stdout } = run(lab, 'check', '--strict');
    expect(stdout).toContain('✗ write-sector');
    expect(status).toBe(1);
  });

  it('boots a kernel', () => {
    const kernel = join(PACKAGE, 'submissions/class/passes/kernel.elf');
    const { stdout, stderr } = run(root, 'run', '-machine', 'virt', '-nographic', '-kernel', kernel, '--until', 'Enter riscv_boot');
    expect(stdout).toContain('Enter riscv_boot');
    expect(stderr).toMatch(/stopped: console reached/);
  });
});

/** A result, as far as it is looked at here. */
const savedResult = z.looseObject({ scenarios: z.array(z.looseObject({ name: z.string(), evidence: z.string() })) });

describe('the library', () => {
  function inConsumer(name: string, text: string): string {
    writeFileSync(join(CONSUMER, name), text);
    return join(CONSUMER, name);
  }

  /** The examples of docs/library.md with what they are said to print. */
  const examples = () => [...read('docs/library.md').matchAll(/```js\n(.*?)```\n\nIt prints\n\n```\n(.*?)```/gs)];

  it('does what its document says', () => {
    expect(examples()).toHaveLength(2);
    examples().forEach(([, code, output], at) => {
      const { stdout, stderr } = spawnSync(process.execPath, [inConsumer(`example${at}.mjs`, code!)], { cwd: PACKAGE, encoding: 'utf8' });
      expect({ stdout, stderr }).toEqual({ stdout: output, stderr: '' });
    });
  });

  it('grades as the command does', () => {
    const out = join(root, 'as-command');
    const paths = ['rubrics/lab13.yaml', 'submissions/class/wrong-sector'];
    execFileSync(process.execPath, [PROGRAM, 'grade', ...paths, '--out', out], { cwd: PACKAGE });
    const report = savedResult.parse(JSON.parse(readFileSync(join(out, 'wrong-sector.json'), 'utf8')));
    const evidence = report.scenarios.map(({ name, evidence: file }) => [name, JSON.parse(readFileSync(join(out, file), 'utf8'))]);
    const result = { ...report, scenarios: report.scenarios.map((one) => ({ ...one, evidence: null, evidenceSha256: null })) };

    const options = JSON.stringify({ rubric: paths[0], submission: paths[1] });
    const script = `import { grade } from 'bootgrade'; console.log(JSON.stringify(await grade(${options})));`;
    const stdout = execFileSync(process.execPath, [inConsumer('grades.mjs', script)], { cwd: PACKAGE, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual({ result, evidence: Object.fromEntries(evidence) });
  });

  it('takes the bytes of a kernel, a name and a mistake', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { grade, RubricError, UsageError } from 'bootgrade';
      const rubric = 'rubrics/lab13.yaml';
      const { result } = await grade({ rubric, submission: readFileSync('submissions/class/passes/kernel.elf'), name: 'ada', audience: 'student' });
      console.log(result.name, result.score, result.audience, result.kernel.file);
      const nonsense = await grade({ rubric, submission: Uint8Array.of(1, 2, 3) });
      console.log(nonsense.result.outcome, nonsense.result.score, nonsense.result.reason);
      const failed = async (options) => grade(options).catch((error) => error);
      const wrong = await failed({ rubric: 'package.json', submission: 'x' });
      console.log(wrong instanceof RubricError, wrong.problems[0].line);
      const nowhere = await failed({ rubric, submission: 'nowhere' });
      console.log(nowhere instanceof UsageError, nowhere instanceof RubricError, nowhere.message);`;
    const stdout = execFileSync(process.execPath, [inConsumer('takes.mjs', script)], { cwd: PACKAGE, encoding: 'utf8' });
    expect(stdout.split('\n')).toEqual([
      'ada 100 student kernel',
      'failed 0 kernel is not an ELF file, so it is no kernel',
      'true 1',
      'true false nowhere: no such file or folder',
      '',
    ]);
  });

  /** What tsc says of the consumer's files, with `types` in sight. */
  function typeCheck(sources: Readonly<Record<string, string>>, types: readonly string[]): string {
    for (const [name, text] of Object.entries(sources)) inConsumer(name, text);
    const options = { strict: true, module: 'nodenext', target: 'es2022', lib: ['es2022'], noEmit: true, exactOptionalPropertyTypes: true };
    const compilerOptions = { ...options, types, typeRoots: [join(ROOT, 'node_modules/@types')] };
    writeFileSync(join(CONSUMER, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(sources) }));
    return spawnSync(process.execPath, [TSC, '-p', CONSUMER], { encoding: 'utf8' }).stdout;
  }

  it('has types for the examples', () => {
    const sources = Object.fromEntries(examples().map(([, code], at) => [`example${at}.mts`, code!]));
    expect(typeCheck(sources, ['node'])).toBe('');
  });

  it('has types that need neither the types of Node nor of a browser, and that refuse what is wrong', () => {
    const source = `
      import { type CheckResult, type Graded, grade, type RubricProblem, RubricError } from 'bootgrade';
      import { createMachine, type Machine, type TracedRequest } from 'bootgrade/machine';

      export async function scores(kernel: Uint8Array): Promise<number | null> {
        try {
          const { result, evidence }: Graded = await grade({ rubric: 'a.yaml', submission: kernel, audience: 'student', explain: 'nothing' });
          const check: CheckResult | undefined = result.checks[0];
          const { time, console }: { time: number; console: string } = evidence['write']!;
          return result.score;
        } catch (error) {
          const problems: readonly RubricProblem[] = error instanceof RubricError ? error.problems : [];
          return problems[0]?.line ?? 0;
        }
      }
      export const request = (machine: Machine): TracedRequest | undefined => machine.devices[0]?.trace.requests[0];
      // @ts-expect-error: a score may be null
      export const score: number = (await grade({ rubric: 'a', submission: 'b' })).result.score;
      // @ts-expect-error: nobody else is graded for
      await grade({ rubric: 'a', submission: 'b', audience: 'parent' });
      // @ts-expect-error: a machine needs memory
      createMachine({ cpu: 'rv64', drives: [], bios: 'none', live: false, onConsole: () => {} });
    `;
    expect(typeCheck({ 'types.mts': source }, [])).toBe('');
  });

  it('uses nothing of Node in the machine', () => {
    const code = read('dist/library/machine.mjs');
    expect(code.match(/\bfrom ?["'][^"']+["']|(?<![.\w])import ?\(["'`]|\brequire ?\(|\bprocess\.|\bBuffer\b/g)).toBeNull();
  });
});
