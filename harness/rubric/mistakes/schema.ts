/**
 * Turns zod's issues into mistakes that a person can correct: which key was meant, what is there instead, what to write. For a
 * union, zod reports what is wrong with every alternative; only the alternative that is nearest to what was written is shown.
 */
import { z } from 'zod';
import { quoted } from '../../evidence/printable.ts';
import { nearestName, suggestion } from '../../vocabulary/did-you-mean.ts';
import { typeProblems } from '../../vocabulary/fields.ts';
import type { Mistake, ProblemCode } from '../../vocabulary/problem.ts';
import { asMap } from '../loose.ts';

/** Unknown keys of one map that are worth reporting. */
const MOST_KEYS = 100;

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** What the schema makes of a value, or what is wrong with it, with paths from the top. */
export type Parsed<Value> = { readonly value: Value; readonly mistakes?: undefined } | { readonly mistakes: readonly Mistake[] };

/** `sourceAt`: a scalar as it is written, where that is known. */
export function parsedBy<Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  sourceAt: (path: Path) => string | undefined = () => undefined,
): Parsed<Value> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const context = { schema, value, sourceAt };
  return { mistakes: withoutMisspelt(result.error.issues.flatMap((issue) => mistakesOf(issue, issue.path, context))) };
}

/** A key that is missing because it is misspelt is one mistake, not two. */
function withoutMisspelt(mistakes: readonly Mistake[]): Mistake[] {
  const unknown = mistakes.filter((one) => one.code === 'unknown-key');
  const isMisspelt = (missing: Mistake) =>
    unknown.some((one) => placeOf(one) === placeOf(missing) && nearestName(lastKey(one), [lastKey(missing)]) !== null);
  return mistakes.filter((one) => one.code !== 'missing-key' || !isMisspelt(one));
}

function lastKey({ path }: Mistake): string {
  return String(path.at(-1));
}

function placeOf({ path }: Mistake): string {
  return path.slice(0, -1).map(String).join('/');
}

interface Context {
  schema: z.ZodType;
  value: unknown;
  sourceAt: (path: Path) => string | undefined;
}

function mistakesOf(issue: Issue, path: Path, context: Context): Mistake[] {
  const value = valueAt(context.value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return complaintOfFitting(path, context) ?? issue.keys.slice(0, MOST_KEYS).map((key) => unknownKey(key, path, context));
    case 'invalid_union':
      return value === undefined ? [missing(path)] : unionMistakes(issue, path, context);
    case 'invalid_type':
      return [value === undefined ? missing(path) : wrongType([issue.expected], value, path, context)];
    case 'invalid_value':
      return [value === undefined ? missing(path) : wrongValue(issue.values.map(String), value, path, context)];
    case 'invalid_key':
      return [{ path, atKey: true, ...BAD_NAME }];
    case 'invalid_format':
      return [{ path, ...BAD_NAME }];
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, value, path, context);
    case 'custom':
      return [{ path, ...custom(issue) }];
    default:
      throw new Error(`no words for zod's ${issue.code}`);
  }
}

const BAD_NAME = {
  code: 'bad-name',
  message: 'this is not a name',
  remedy: 'a letter, then letters, digits, - _ and ., 64 at most',
} as const satisfies Partial<Mistake>;

function custom(issue: z.core.$ZodIssueCustom): { code: ProblemCode; message: string; remedy?: string } {
  const { problem, remedy } = (issue.params ?? {}) as { problem?: ProblemCode; remedy?: string };
  return { code: problem ?? 'out-of-range', message: issue.message, remedy };
}

type OutOfRange = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

function outOfRange(issue: OutOfRange, value: unknown, path: Path, context: Context): Mistake[] {
  const mayBeText = schemasAt(context.schema, path).some((one) => one instanceof z.ZodString);
  // zod measures a text that stands in a list's place as well: its type is the mistake.
  if (typeof value === 'string' && !mayBeText) return [];
  const isInexact = typeof value === 'number' && !Number.isSafeInteger(value);
  const remedy = isInexact && mayBeText ? inQuotes(value, path, context) : undefined;
  return [{ path, code: 'out-of-range', message: bound(issue), remedy }];
}

function inQuotes(value: unknown, path: Path, { sourceAt }: Context): string {
  return `put it in quotation marks: "${sourceAt(path) ?? String(value)}"`;
}

function bound(issue: OutOfRange): string {
  if (issue.code === 'too_small' && issue.origin === 'array') {
    return Number(issue.minimum) > 1 ? `a list of ${issue.minimum} expected` : 'the list is empty';
  }
  if (issue.code === 'too_small' && issue.origin === 'string') return 'the text is empty';
  const [word, limit] = issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : '';
  return `${word} ${limit}${unit}`;
}

function missing(path: Path): Mistake {
  const remedy = path.length === 1 && path[0] === 'rubric' ? 'begin the file with rubric: 1' : undefined;
  return { path, code: 'missing-key', message: `"${String(path.at(-1))}" is missing`, remedy };
}

/** What an alternative that knows all keys says of them: zod shows the one that minds nothing but a key that is strange to it. */
function complaintOfFitting(path: Path, context: Context): Mistake[] | null {
  const value = asMap(valueAt(context.value, path));
  const fits = (one: z.ZodType) => one instanceof z.ZodObject && Object.keys(value).every((key) => Object.hasOwn(one.shape, key));
  const issues = schemasAt(context.schema, path).find(fits)?.safeParse(value).error?.issues;
  return issues?.flatMap((issue) => mistakesOf(issue, [...path, ...issue.path], context)) ?? null;
}

/** Words for keys in QEMU, in other graders, and in English. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  smp: 'harts',
  cpus: 'harts',
  cores: 'harts',
  m: 'memory',
  ram: 'memory',
  firmware: 'bios',
  cmdline: 'append',
  disks: 'drives',
  timeout: 'limit',
  regex: 'matches',
  regexp: 'matches',
  pattern: 'matches',
  score: 'points',
  name: 'title',
  depends: 'needs',
  requires: 'needs',
  scenario: 'in',
};

function unknownKey(key: string, path: Path, context: Context): Mistake {
  const known = keysAt(path, context);
  const at = { path: [...path, key], atKey: true };
  if (known.includes(key)) return { ...at, ...mixed(key, path, context) };
  const meant = OTHER_WORDS[key];
  if (meant !== undefined && known.includes(meant))
    return { ...at, code: 'unknown-key', message: `unknown key "${key}"`, remedy: `here it is called "${meant}"` };
  const owners = known.filter((name) => keysAt([...path, name], context).includes(key));
  const owner = owners.find((name) => name in asMap(valueAt(context.value, path))) ?? owners[0];
  const remedy = owner === undefined ? suggestion(key, known) : `it is a key of "${owner}": write ${owner}: { ${key}: … }`;
  return { ...at, code: 'unknown-key', message: `unknown key ${quoted(key, 60)}`, remedy };
}

/** Of all maps that may stand there. */
function keysAt(path: Path, context: Context): string[] {
  const keys = schemasAt(context.schema, path).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
  return [...new Set(keys)];
}

/** A key that is known, but not beside others that are there. */
function mixed(key: string, path: Path, context: Context): Pick<Mistake, 'code' | 'message' | 'remedy'> {
  const alternatives = schemasAt(context.schema, path).flatMap((one) => (one instanceof z.ZodObject ? [Object.keys(one.shape)] : []));
  const fitting = new Set(alternatives.filter((keys) => keys.includes(key)).flat());
  const others = Object.keys(asMap(valueAt(context.value, path))).filter(
    (other) => !fitting.has(other) && alternatives.some((keys) => keys.includes(other)),
  );
  const names = others.map((other) => `"${other}"`).join(' and ');
  return { code: 'one-of', message: `"${key}" does not go with ${names}`, remedy: `remove "${key}", or ${names}` };
}

const LISTED_KEYS = 12;

function listOf(names: readonly string[]): string {
  return `${names.slice(0, LISTED_KEYS).join(', ')}${names.length > LISTED_KEYS ? ', …' : ''}`;
}

/** zod's names of types, in the words of the rubric's author. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list of two',
};

function wordFor(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text ${quoted(value, 40)}`;
  return typeof value === 'boolean' ? String(value) : `the number ${String(value)}`;
}

function wrongType(expected: readonly string[], value: unknown, path: Path, context: Context): Mistake {
  const special = specialProblem(path, context);
  if (special !== null) return special;
  const words = [...new Set(expected.map((one) => TYPE_WORDS[one] ?? one))].join(' or ');
  const message = `${words} expected, this is ${wordFor(value)}`;
  if (expected.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) {
    return { path, code: 'not-text', message, remedy: inQuotes(value, path, context) };
  }
  return { path, code: 'wrong-type', message, remedy: remedyFor(words, value, path, context) };
}

/** Words that were truth values in YAML 1.1, and are texts in YAML 1.2. */
const TRUTHS: Readonly<Record<string, boolean>> = { yes: true, on: true, true: true, no: false, off: false, false: false };

/** What to write instead of a value of the wrong type. `expected`: in words. */
function remedyFor(expected: string, value: unknown, path: Path, context: Context): string | undefined {
  const isExpected = (type: string) => expected.split(' or ').includes(type);
  if (typeof value === 'string') {
    const truth = TRUTHS[value.toLowerCase()];
    if (expected === TYPE_WORDS['boolean'] && truth !== undefined) return `write ${truth}, without quotation marks`;
    if (isExpected('a number') || isExpected('a whole number')) {
      return /^[\d.]+$/.test(value)
        ? 'write it without quotation marks'
        : /^\d/.test(value)
          ? 'write it in digits, without a unit'
          : undefined;
    }
  }
  if (isExpected('a list'))
    return typeof value === 'object'
      ? 'begin each of its items with "- "'
      : `write [${typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : value}]`;
  const keys = isExpected('a map') ? keysAt(path, context) : [];
  return keys.length > 0 ? `its keys: ${listOf(keys)}` : undefined;
}

function wrongValue(known: readonly string[], value: unknown, path: Path, context: Context): Mistake {
  const special = specialProblem(path, context);
  if (special !== null) return special;
  if (typeof value !== 'string') return { path, code: 'wrong-type', message: `${oneOf(known)} expected, this is ${wordFor(value)}` };
  return { path, code: 'unknown-name', message: `unknown name ${quoted(value, 60)}`, remedy: suggestion(value, known) };
}

/** A leaf that has something of its own to say about a value of the wrong type. */
function specialProblem(path: Path, context: Context): Mistake | null {
  for (const schema of schemasAt(context.schema, path)) {
    const special = typeProblems.get(schema);
    if (special !== undefined) return { path, code: special.problem, message: special.message, remedy: special.remedy };
  }
  return null;
}

/** What is wrong with the value by one alternative of a union. */
type Complaint = readonly Issue[];

function unionMistakes(issue: z.core.$ZodIssueInvalidUnion, path: Path, context: Context): Mistake[] {
  const value = valueAt(context.value, path);
  const complaints: readonly Complaint[] = issue.errors;
  const near = complaints.filter((one) => !one.some((each) => isOtherType(each, value)));
  if (near.length === 0)
    return [
      wrongType(
        complaints.flatMap((one) => one.flatMap(expectedType)),
        value,
        path,
        context,
      ),
    ];
  const fewest = Math.min(...near.map(weightOf));
  const best = near.filter((one) => weightOf(one) === fewest);
  const [only] = best;
  if (best.length === 1 || only === undefined) return (only ?? []).flatMap((one) => mistakesOf(one, [...path, ...one.path], context));
  return undecided(near, best, path, context);
}

/** The whole value has a different type from this alternative. */
function isOtherType(issue: Issue, value: unknown): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof value !== 'string'));
}

function expectedType(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [issue.expected];
  return issue.code === 'invalid_value' ? [oneOf(issue.values.map(String))] : [];
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `one of ${names.join(', ')}`;
}

/** An alternative that knows all keys that were written is nearer than any that does not. */
const STRANGE = 1000;

function weightOf(complaint: Complaint): number {
  return complaint.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? STRANGE * issue.keys.length : 1), 0);
}

/** Several alternatives are equally near: they share an unknown key, or one of their keys is missing, or two were mixed. */
function undecided(near: readonly Complaint[], best: readonly Complaint[], path: Path, context: Context): Mistake[] {
  const unknown = best.map((one) => one.flatMap((each) => (each.code === 'unrecognized_keys' && each.path.length === 0 ? each.keys : [])));
  const common = (unknown[0] ?? []).filter((key) => unknown.every((keys) => keys.includes(key)));
  if (common.length > 0) return common.map((key) => unknownKey(key, path, context));
  const strange = new Set(unknown.flat());
  // The one that is written last is the one too many.
  const last = Object.keys(asMap(valueAt(context.value, path))).findLast((key) => strange.has(key));
  if (last !== undefined) return [{ path: [...path, last], atKey: true, ...mixed(last, path, context) }];
  const keys = new Set(near.flatMap((one) => one.slice(0, 1).flatMap((each) => (each.path.length === 1 ? [String(each.path[0])] : []))));
  const absent = [...keys].filter((key) => valueAt(context.value, [...path, key]) === undefined);
  if (absent.length > 1) return [{ path, code: 'one-of', message: `one of ${absent.join(', ')} is missing` }];
  return best[0]!.flatMap((one) => mistakesOf(one, [...path, ...one.path], context));
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** Every schema that may apply at a path: optional, default and transform taken off, unions spread out. */
function schemasAt(schema: z.ZodType, path: Path): z.ZodType[] {
  let here = spread(schema);
  for (const step of path) here = here.flatMap((one) => child(one, step)).flatMap(spread);
  return here;
}

function child(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const found = schema.shape[String(step)] as z.ZodType | undefined;
    return found === undefined ? [] : [found];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  return [];
}

function spread(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return spread(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return spread(schema.in as z.ZodType);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => spread(one as z.ZodType));
  return [schema];
}
