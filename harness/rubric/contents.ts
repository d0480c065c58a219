/**
 * What images hold before the run: files are read, and whether everything fits is checked, scenario by scenario as `extends`
 * leaves it.
 */

import { type Extent, extentLength } from '../vocabulary/image.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { asList, asMap, type Loose } from './loose.ts';
import { type Content, contentSchema, driveSizeSchema } from './schema.ts';

/** Reads a file that a rubric names, relative to the rubric's folder; a problem says why it cannot be used. Rejects if that is not a mistake in the rubric. */
export type ReadFile = (path: string, mostBytes: number) => Promise<Uint8Array | { readonly problem: string }>;

/** A mistake in one of a list's items, where the list is the very object that was written. */
export interface ContentMistake {
  list: readonly unknown[];
  index: number;
  mistake: Mistake;
}

/** Extents by the written list: `extends` and drives share lists, and each is read once. */
export class ContentReader {
  readonly #readFile: ReadFile;
  readonly #lists = new Map<readonly unknown[], (Extent | null)[]>();
  readonly mistakes: ContentMistake[] = [];

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** Sorted extents of a drive's `contents`; items that are not valid content are left out (the schema has reported them). */
  async extentsOf(written: unknown): Promise<Extent[]> {
    const list = asList(written);
    let extents = this.#lists.get(list);
    if (extents === undefined) {
      extents = await this.#read(list);
      this.#lists.set(list, extents);
      this.#overlaps(list, extents);
    }
    return extents.filter((one) => one !== null).sort((a, b) => a.at - b.at);
  }

  /** Reports what ends beyond `size`. */
  fit(written: unknown, size: number): void {
    const list = asList(written);
    this.#lists.get(list)?.forEach((extent, index) => {
      if (extent === null || extent.at + extentLength(extent) <= size) return;
      const message = `the contents end at byte ${extent.at + extentLength(extent)}, the image at ${size}`;
      this.#complain(list, index, { path: [], code: 'outside-image', message, remedy: 'make `size` larger, or move them' });
    });
  }

  async #read(list: readonly unknown[]): Promise<(Extent | null)[]> {
    const extents: (Extent | null)[] = [];
    let total = 0;
    for (const [index, item] of list.entries()) {
      const parsed = contentSchema.safeParse(item);
      const extent = parsed.success ? await this.#extent(parsed.data, list, index) : null;
      extents.push(extent);
      total += extent === null ? 0 : extentLength(extent);
      if (extent !== null && total > MOST_BYTES.contents) {
        this.#complain(list, index, { path: [], code: 'out-of-range', message: `more than ${MOST_BYTES.contents / 2 ** 20}M of contents` });
        return [];
      }
    }
    return extents;
  }

  async #extent(content: Content, list: readonly unknown[], index: number): Promise<Extent | null> {
    if ('text' in content) return { at: content.at, bytes: content.text };
    if ('hex' in content) return { at: content.at, bytes: content.hex };
    if ('fill' in content) return content;
    const bytes = await this.#readFile(content.file, MOST_BYTES.contents);
    if (!('problem' in bytes)) return { at: content.at, bytes };
    this.#complain(list, index, { path: ['file'], code: 'unreadable-file', message: `cannot read "${content.file}": ${bytes.problem}` });
    return null;
  }

  #overlaps(list: readonly unknown[], extents: readonly (Extent | null)[]): void {
    const ordered = extents
      .flatMap((extent, index) => (extent === null ? [] : [{ extent, index }]))
      .sort((a, b) => a.extent.at - b.extent.at);
    let before: { end: number; index: number } | null = null;
    for (const { extent, index } of ordered) {
      if (before !== null && extent.at < before.end) {
        const message = `bytes ${extent.at} to ${before.end - 1} are given twice, here and by item ${before.index + 1}`;
        this.#complain(list, index, { path: [], code: 'overlap', message });
      }
      const end = extent.at + extentLength(extent);
      if (before === null || end > before.end) before = { end, index };
    }
  }

  #complain(list: readonly unknown[], index: number, mistake: Mistake): void {
    const isKnown = this.mistakes.some((one) => one.list === list && one.index === index && one.mistake.code === mistake.code);
    if (!isKnown) this.mistakes.push({ list, index, mistake });
  }
}

/** Reads and checks the contents of every drive of every scenario. */
export async function checkContents(scenarios: ReadonlyMap<string, Loose>, reader: ContentReader): Promise<void> {
  for (const scenario of scenarios.values()) {
    for (const drive of Object.values(asMap(scenario['drives']))) {
      const { size, contents } = asMap(drive);
      await reader.extentsOf(contents);
      const bytes = driveSizeSchema.safeParse(size);
      if (bytes.success) reader.fit(contents, bytes.data);
    }
  }
}
