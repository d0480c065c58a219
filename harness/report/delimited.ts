/**
 * Delimited text (CSV, TSV) that spreadsheets and gradebooks open: written so that no cell that others wrote is a formula.
 *
 * A cell that begins with = + - @, a tab or a line end gets an apostrophe before it (OWASP, "CSV Injection"; the library's
 * `escape_formulas`). Numbers are written as they are. Reference: RFC 4180.
 */
import { stringify } from 'csv-stringify/sync';
import { clean } from './words.ts';

export type Cell = string | number | null;

export interface Dialect {
  readonly delimiter: ',' | '\t' | ';';
  /** A byte order mark: Excel takes a file without one for Latin-1. */
  readonly bom: boolean;
  readonly lineEnd: '\n' | '\r\n';
}

/** null makes an empty cell. In texts, formulas and characters that do not print are escaped. */
export function delimited(rows: readonly (readonly Cell[])[], { delimiter, bom, lineEnd }: Dialect): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? clean(cell) : cell)));
  return stringify(cells, { delimiter, bom, record_delimiter: lineEnd, escape_formulas: true });
}

/** Points as a cell: a plain number. */
export function pointsCell(points: number | null): number | null {
  return points === null ? null : Math.round(points * 1e6) / 1e6;
}
