/**
 * Tables of fields for docs/result.md and docs/explain.md, out of the JSON Schemas of results and evidence. A page says where a table
 * goes by a comment, `<!-- fields of stack -->`, and where it ends by `<!-- end of table -->`.
 */
import { DOCUMENT_NAMES, documentSchema } from './json-schema.ts';

/** As much of JSON Schema as our schemas use. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** All schemas that have a name. */
export const DEFINITIONS: ReadonlyMap<string, Schema> = new Map(
  DOCUMENT_NAMES.flatMap((name) => Object.entries((documentSchema(name, 'open') as Schema).$defs ?? {})),
);

/** Whether a value of it has fields, and so a table; others are in the table of kinds of values. */
export function hasFields({ properties, oneOf }: Schema): boolean {
  return properties !== undefined || oneOf !== undefined;
}

const MARKER = /^<!-- fields of ([\w-]+)(?:, without those of ([\w-]+))? -->$/;
const VALUES_MARKER = '<!-- kinds of values -->';
const END = '<!-- end of table -->';

/** Pages by name: their texts. */
type Pages = Readonly<Record<string, string>>;

/** Where a table of a schema's fields is. */
interface Place {
  readonly name: string;
  readonly page: string;
  readonly anchor: string;
}

/** The tables that these pages have, once for each time that they have it. */
export function tablesOn(pages: Pages): Place[] {
  return Object.entries(pages).flatMap(([page, text]) => {
    let anchor = '';
    return text.split('\n').flatMap((line): Place[] => {
      if (line.startsWith('#')) anchor = anchorOf(line.replace(/^#+ /, ''));
      const [, name] = MARKER.exec(line) ?? [];
      return name === undefined ? [] : [{ name, page, anchor }];
    });
  });
}

/** The page with its tables written anew. */
export function withTables(page: string, pages: Pages): string {
  const link = linkFrom(page, tablesOn(pages));
  const kept: string[] = [];
  let isInTable = false;
  for (const line of pages[page]!.split('\n')) {
    const table = tableAt(line, link);
    if (!isInTable || line === END) kept.push(line);
    if (table !== undefined) kept.push('', table, '');
    isInTable = line !== END && (isInTable || table !== undefined);
  }
  return kept.join('\n');
}

/** The table that the line asks for. */
function tableAt(line: string, link: Link): string | undefined {
  if (line === VALUES_MARKER) return valueTable();
  const [, name, base] = MARKER.exec(line) ?? [];
  return name === undefined ? undefined : fieldTable(name, base, link);
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

type Link = (name: string) => string;

function linkFrom(page: string, places: readonly Place[]): Link {
  return (name) => {
    const place = places.find((one) => one.name === name);
    if (place === undefined) throw new Error(`no page has a table of ${name}`);
    return `[${name.replaceAll('-', ' ')}](${place.page === page ? '' : place.page}#${place.anchor})`;
  };
}

function named(name: string): Schema {
  const schema = DEFINITIONS.get(name);
  if (schema === undefined) throw new Error(`no schema is called ${name}`);
  return schema;
}

function fieldTable(name: string, base: string | undefined, link: Link): string {
  const schema = named(name);
  if (schema.oneOf !== undefined) return alternativesTable(schema.oneOf, link);
  const known = base === undefined ? {} : (named(base).properties ?? {});
  const rows = fieldRows(schema, '', link).filter(([field]) => !(field in known));
  return table(
    ['field', 'value', 'meaning'],
    rows.map(([field, ...rest]) => [`\`${field}\``, ...rest]),
  );
}

type Row = readonly [field: string, value: string, meaning: string];

/** One row a field; the fields of an object that has no table of its own come after it. */
function fieldRows({ properties = {} }: Schema, path: string, link: Link): Row[] {
  return Object.entries(properties).flatMap(([name, field]): Row[] => {
    const inner = withoutNull(field);
    const row: Row = [path + name, phrase(field, link), field.description ?? ''];
    if (inner.properties !== undefined) return [row, ...fieldRows(inner, `${path}${name}.`, link)];
    if (inner.items?.properties !== undefined) return [row, ...fieldRows(inner.items, `${path}${name}[].`, link)];
    return [row];
  });
}

/** Of an object whose first field says which of several it is. */
function alternativesTable(alternatives: readonly Schema[], link: Link): string {
  const [discriminator = ''] = Object.keys(alternatives[0]?.properties ?? {});
  const rows = alternatives.map(({ properties = {}, description = '' }) => {
    const { [discriminator]: which, ...others } = properties;
    const values = which?.enum ?? [which?.const];
    const fields = Object.entries(others).map(
      ([name, field]) => `\`${name}\` (${phrase(field, link)})${field.description === undefined ? '' : `: ${field.description}`}`,
    );
    return [values.map((value) => `\`${value}\``).join(', '), description, fields.join('<br>')];
  });
  return table([`\`${discriminator}\``, 'meaning', 'other fields'], rows);
}

function valueTable(): string {
  const kinds = [...DEFINITIONS].filter(([, schema]) => !hasFields(schema)).sort(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ['value', 'is'],
    kinds.map(([name, { description = '' }]) => [name, description]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** The schema of the value where it is not null. */
function withoutNull(schema: Schema): Schema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

/** What a value may be, in words. */
function phrase(schema: Schema, link: Link): string {
  const { $ref, type, anyOf, items, additionalProperties, propertyNames } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice('#/$defs/'.length);
    return hasFields(named(name)) ? link(name) : name;
  }
  if (anyOf !== undefined) return anyOf.map((one) => phrase(one, link)).join(' or ');
  if (Array.isArray(type)) return type.map((one) => phrase({ type: one }, link)).join(' or ');
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (values.length > 0) return inWords(values.map((value) => `\`"${value}"\``));
  if (items !== undefined) return `list of ${phrase(items, link)}`;
  if (typeof additionalProperties === 'object')
    return `map of ${phrase(propertyNames ?? {}, link)} to ${phrase(additionalProperties, link)}`;
  const word = WORDS[type as keyof typeof WORDS];
  if (word === undefined) throw new Error(`no words for a value of ${JSON.stringify(schema).slice(0, 100)}: give its schema an id`);
  return word;
}

const WORDS = { string: 'text', boolean: 'true or false', integer: 'whole number', null: 'null', object: 'object' } as const;

function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
