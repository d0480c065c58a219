/** What `init --vscode` writes, used as an editor does: the task is run, and its lines are matched. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

async function command(...argv: string[]) {
  const printed = capture();
  return { code: await bootgrade(argv, printed.environment), out: printed.out(), err: printed.err() };
}

interface Tasks {
  tasks: {
    command: string;
    args: string[];
    problemMatcher: { pattern: Record<'regexp' | 'file' | 'line' | 'severity' | 'message', string & number> };
  }[];
}

const json = (file: string): unknown => JSON.parse(folder.read(file));

describe('bootgrade init --vscode', () => {
  it('writes a task whose problem matcher reads what the task prints', async () => {
    folder.put('lab/bootgrade.yaml', `rubric: ${process.cwd()}/rubrics/lab13.yaml\n`);
    expect(await command('init', '--vscode', folder.at('lab'))).toMatchObject({ code: 0, err: '' });
    const [task] = (json('lab/.vscode/tasks.json') as Tasks).tasks;
    expect(task).toMatchObject({ command: 'bootgrade', args: ['check', '--format', 'gcc'] });
    const { regexp, file, line, severity, message } = task!.problemMatcher.pattern;
    const lab = folder.put('lab/kernel.elf', readFileSync('submissions/class/writable-data/kernel.elf'));
    const { out } = await command('check', '--format', 'gcc', lab);
    const matches = out.split('\n').flatMap((text) => {
      const match = new RegExp(regexp).exec(text);
      return match === null ? [] : [{ file: match[file], line: match[line], severity: match[severity], message: match[message] }];
    });
    expect(matches).toContainEqual({
      file: 'virtqueue.c',
      line: '21',
      severity: 'error',
      message: expect.stringMatching(/^write-flags: The data descriptor is not device-writable: .*device writes/i) as string,
    });
  });

  it('runs the single file where it lies in the folder', async () => {
    folder.put('bootgrade.mjs', '');
    await command('init', '--vscode', folder.path);
    expect((json('.vscode/tasks.json') as Tasks).tasks[0]).toMatchObject({
      command: 'node',
      args: ['bootgrade.mjs', 'check', '--format', 'gcc'],
    });
    expect(json('.vscode/launch.json')).toMatchObject({ configurations: [{ type: 'node', program: `\${workspaceFolder}/bootgrade.mjs` }] });
  });

  it("gives the course's rubric a schema that it fits", async () => {
    folder.put('bootgrade.yaml', 'rubric: course/lab1.yaml\n');
    folder.put('course/.keep', '');
    await command('init', folder.at('course/lab1.yaml'));
    await command('init', '--vscode', folder.path);
    const { 'yaml.schemas': schemas } = json('.vscode/settings.json') as { 'yaml.schemas': Record<string, string[]> };
    const [[schema, files]] = Object.entries(schemas) as [[string, string[]]];
    expect(files).toEqual(['course/lab1.yaml']);
    const validate = new Ajv({ strict: false }).compile(json(schema) as object);
    expect(validate(parse(folder.read(files[0]!)))).toBe(true);
  });

  it('leaves what exists as it is, and says what would be in it', async () => {
    folder.put('.vscode/tasks.json', '{ "mine": true }');
    const { code, out } = await command('init', '--vscode', folder.path);
    expect(code).toBe(0);
    expect(out).toMatch(/tasks\.json exists and was left as it is; what would be in it:\n\n\{[\s\S]*problemMatcher/);
    expect(folder.read('.vscode/tasks.json')).toBe('{ "mine": true }');
    expect(json('.vscode/launch.json')).toHaveProperty('version');
  });

  it('says that there is no such folder', async () => {
    expect(await command('init', '--vscode', folder.at('none'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('no such folder') as string,
    });
  });
});
