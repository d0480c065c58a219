/**
 * Whole files of the course that a scenario's machine takes: firmware, an initrd, what the loader loads, files of fw_cfg and of flash memory, and images of drives. Each is read
 * once, however many scenarios name it. `contents` of drives are in contents.ts.
 */
import { sha256 } from '../bytes/sha256.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { CourseFile } from '../vocabulary/scenario.ts';
import type { ReadFile } from './contents.ts';
import { asList, asMap, asText, type Loose } from './loose.ts';
import { writtenAt } from './mistakes/written-at.ts';
import { isBuiltinBios } from './schema.ts';

export class CourseFiles {
  readonly #readFile: ReadFile;
  readonly #read = new Map<string, CourseFile | { readonly problem: string }>();

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** Of a path that a rubric without mistakes names. */
  of(path: string): CourseFile {
    const file = this.#read.get(path);
    if (file === undefined || 'problem' in file) throw new Error(`${path} was not read`);
    return file;
  }

  /** Reads what every scenario names; what cannot be used is a mistake. `scenarios`: as extends.ts merges them. */
  async check(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Promise<Mistake[]> {
    const found = new Map<string, Mistake>();
    for (const [name, scenario] of scenarios) {
      for (const { path, key, remedy } of namedFiles(scenario)) {
        const problem = await this.#problemOf(path);
        if (problem === null) continue;
        const at = placeOf(rubric, name, key);
        const message = `cannot read "${path}": ${problem}`;
        found.set(at.join('/'), { path: at, code: 'unreadable-file', message, ...(remedy === undefined ? {} : { remedy }) });
      }
    }
    return [...found.values()];
  }

  async #problemOf(path: string): Promise<string | null> {
    let file = this.#read.get(path);
    if (file === undefined) {
      const bytes = await this.#readFile(path, MOST_BYTES.contents);
      if ('problem' in bytes) file = bytes;
      else file = bytes.length === 0 ? { problem: 'it is empty' } : { bytes, sha256: sha256(bytes) };
      this.#read.set(path, file);
    }
    return 'problem' in file ? file.problem : null;
  }
}

interface NamedFile {
  readonly path: string;
  /** Where the scenario has it. */
  readonly key: readonly PropertyKey[];
  readonly remedy?: string;
}

const BIOS_REMEDY = "write builtin, none, or the name of a firmware's file, relative to the rubric's folder";

function namedFiles({ bios, initrd, loader, drives, flash, 'fw-cfg': config }: Loose): NamedFile[] {
  const named = (value: unknown, key: readonly PropertyKey[], remedy?: string): NamedFile[] => {
    const path = asText(value);
    return path === null || path === '' ? [] : [{ path, key, ...(remedy === undefined ? {} : { remedy }) }];
  };
  return [
    ...(isBuiltinBios(bios) ? [] : named(bios, ['bios'], BIOS_REMEDY)),
    ...named(initrd, ['initrd']),
    ...asList(loader).flatMap((item, index) => named(asMap(item)['file'], ['loader', index, 'file'])),
    ...asList(flash).flatMap((unit, index) => [...named(unit, ['flash', index]), ...named(asMap(unit)['file'], ['flash', index, 'file'])]),
    ...asList(config).flatMap((item, index) => named(asMap(item)['file'], ['fw-cfg', index, 'file'])),
    ...Object.entries(asMap(drives)).flatMap(([name, drive]) => named(asMap(drive)['image'], ['drives', name, 'image'])),
  ];
}

/** A list is inherited as a whole, so the place of the list decides where its item stands. */
function placeOf(rubric: unknown, scenario: string, key: readonly PropertyKey[]): PropertyKey[] {
  const [first = '', ...rest] = key;
  return ['loader', 'fw-cfg', 'flash'].includes(String(first))
    ? [...writtenAt(rubric, scenario, [first]), ...rest]
    : writtenAt(rubric, scenario, key);
}
