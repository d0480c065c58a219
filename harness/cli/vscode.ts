/**
 * `bootgrade init --vscode`: what Visual Studio Code needs in a lab's folder. A task that checks the kernel, and a problem matcher that makes
 * its lines (`check --format gcc`) entries of the Problems view; the rubric language's schema, for the YAML extension; and an entry of "Run
 * and Debug" that shows the report in the terminal. A file that exists is left as it is.
 * Reference: Visual Studio Code's documentation, "Integrate with External Tools via Tasks", "Visual Studio Code debug configuration"; of the
 * YAML extension, "Associating a schema in settings".
 */
import { join, relative, sep } from 'node:path';
import { lookAt, lookThrough } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { makeFolder, replaceFile } from '../files/write.ts';
import { clean } from '../report/words.ts';
import { rubricJsonSchema } from '../rubric/schema.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { COURSE_FILE, findCourse } from './course-file.ts';
import type { Environment } from './environment.ts';
import { PROGRAM } from './pack/platform.ts';

const SCHEMA = '.vscode/bootgrade-rubric.schema.json';

/** Throws HostError, UsageError. */
export function initVscode(folder: string, { out }: Environment): number {
  const isSingle = asUsage(`cannot read ${folder}`, () => {
    if (lookThrough(folder)?.isDirectory() !== true) throw new UsageError(`${folder}: no such folder; name the lab's folder`);
    return lookAt(join(folder, PROGRAM)) !== undefined;
  });
  const files = {
    '.vscode/tasks.json': jsonText(tasks(isSingle)),
    '.vscode/launch.json': jsonText(launch(isSingle)),
    '.vscode/settings.json': jsonText({ 'yaml.schemas': { [`./${SCHEMA}`]: rubricOf(folder) } }),
    [SCHEMA]: rubricJsonSchema(),
  };
  const lines = Object.entries(files).map(([name, text]) => {
    const file = join(folder, name);
    return asUsage(`${file}: cannot write it`, () => {
      if (lookAt(file) !== undefined) return `${clean(file)} exists and was left as it is; what would be in it:\n\n${text}\n`;
      makeFolder(join(file, '..'));
      replaceFile(file, text);
      return `${clean(file)} was written\n`;
    });
  });
  out(`${lines.join('')}In Visual Studio Code, "Tasks: Run Test Task" checks the kernel, and the Problems view lists what is wrong.\n`);
  return 0;
}

/** The rubric that bootgrade.yaml names, below the folder, or else the names that rubrics usually have. */
function rubricOf(folder: string): string[] {
  if (lookAt(join(folder, COURSE_FILE)) === undefined) return ['rubric.yaml', '*.rubric.yaml'];
  const path = relative(folder, findCourse(folder).rubric).split(sep).join('/');
  return [path.startsWith('../') ? path.slice(path.lastIndexOf('/') + 1) : path];
}

function tasks(isSingle: boolean): object {
  const [command, ...first] = isSingle ? ['node', PROGRAM] : ['bootgrade'];
  return {
    version: '2.0.0',
    tasks: [
      {
        label: 'bootgrade: check the kernel',
        type: 'process',
        command,
        args: [...first, 'check', '--format', 'gcc'],
        group: { kind: 'test', isDefault: true },
        presentation: { clear: true },
        problemMatcher: {
          owner: 'bootgrade',
          source: 'bootgrade',
          fileLocation: ['relative', `\${workspaceFolder}`],
          pattern: {
            regexp: '^(.+?):(\\d+):(?:(\\d+):)? (error|warning): (.*)$',
            file: 1,
            line: 2,
            column: 3,
            severity: 4,
            message: 5,
          },
        },
      },
    ],
  };
}

/** What runs a command is Visual Studio Code's own debugger of JavaScript. */
function launch(isSingle: boolean): object {
  const entry = { name: 'bootgrade: report on the kernel', request: 'launch' };
  return {
    version: '0.2.0',
    configurations: [
      isSingle
        ? { ...entry, type: 'node', program: `\${workspaceFolder}/${PROGRAM}`, args: ['check'], console: 'integratedTerminal' }
        : { ...entry, type: 'node-terminal', command: 'bootgrade check' },
    ],
  };
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
