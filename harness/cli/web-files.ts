/**
 * The page's files, as the build makes them (build/web.mjs): they lie beside the program. Where the program is one file, web-files-of-one-file.ts
 * stands in this one's place (build/single-file.mjs).
 */
import { fileURLToPath } from 'node:url';
import { readText } from '../files/named.ts';

const NAMES = ['style.css', 'app.js', 'service-worker.js', 'licences.txt', 'index.html'];
const MOST_BYTES = 16 * 1024 * 1024;

/** Their texts by their names; index.html comes last. Throws HostError, UsageError. */
export function webFiles(): Readonly<Record<string, string>> {
  const read = (name: string) => readText("page's file", fileURLToPath(new URL(`./web/${name}`, import.meta.url)), MOST_BYTES);
  return Object.fromEntries(NAMES.map((name) => [name, read(name)]));
}
