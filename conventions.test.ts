/** Conventions of the code that the linter cannot hold, checked on every source file of the folders in FOLDERS. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = import.meta.dirname;
const FOLDERS = ['machine'];

/** What must not be written, and what to write instead. */
const CONVENTIONS = [
  {
    // `#` holds at run time as well, where a cast cannot reach in. Only `protected` has no such form.
    title: 'private members are written with #',
    forbidden: /^\s*(?:(?:static|readonly|override|async)\s+)*private\s/,
    example: '  private readonly state: State;',
    instead: '  readonly #state: State;',
  },
  {
    // A spread of a literal adds nothing but a shorter file: the reader has to find the fields in the line.
    title: 'fields are written one below the other, not packed into spread literals',
    forbidden: /\.\.\.\{/,
    example: "    ...{ cpu: 'rv64', live: false },",
    instead: "    cpu: 'rv64',",
  },
] as const;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

describe.each(FOLDERS)('in %s/', (folder) => {
  it.each(CONVENTIONS)('$title', ({ forbidden }) => {
    const broken = sources(folder).flatMap((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (forbidden.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(broken).toEqual([]);
  });
});

it.each(CONVENTIONS)('notices when this is broken: $title', ({ forbidden, example, instead }) => {
  expect([forbidden.test(example), forbidden.test(instead)]).toEqual([true, false]);
});
