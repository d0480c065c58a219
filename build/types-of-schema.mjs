// Types for the documents that have a JSON Schema (docs/*.schema.json). Inside, their types are inferred from schemas of a package that whoever
// uses the library does not have.

/**
 * A JSON Schema, as far as ours go; what else there is in one only narrows a string or a number.
 *
 * @typedef {object} Schema
 * @property {string} [$ref]
 * @property {string} [description]
 * @property {string | readonly string[]} [type]
 * @property {string | number | boolean} [const]
 * @property {readonly string[]} [enum]
 * @property {readonly Schema[]} [anyOf]
 * @property {readonly Schema[]} [oneOf]
 * @property {Schema} [items]
 * @property {Readonly<Record<string, Schema>>} [properties]
 * @property {readonly string[]} [required]
 * @property {Schema} [additionalProperties]
 * @property {Readonly<Record<string, Schema>>} [$defs]
 */

/**
 * A declaration for each of the schema's definitions, by its name in upper camel case.
 *
 * @param {Schema} schema
 */
export function declarationsOf({ $defs = {} }) {
  return Object.entries($defs)
    .map(([name, definition]) => `${comment(definition)}export type ${typeName(name)} = ${typeOf(definition)};\n`)
    .join('');
}

/** @param {string} name */
function typeName(name) {
  return name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
}

/** @param {Schema} schema */
function comment({ description }) {
  return description === undefined ? '' : `/** ${description.replaceAll('*/', '* /')} */\n`;
}

/**
 * @param {Schema} schema
 * @returns {string}
 */
function typeOf(schema) {
  if (schema.$ref !== undefined) return typeName(schema.$ref.replace('#/$defs/', ''));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return union.map((one) => alternative(typeOf(one))).join('');
  const { type } = schema;
  if (typeof type === 'object') return type.map((one) => `\n  | ${typeOf({ ...schema, type: one })}`).join('');
  switch (type) {
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type;
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return schema.properties === undefined
        ? `{ readonly [name: string]: ${typeOf(schema.additionalProperties ?? {})} }`
        : objectOf(schema.properties, schema.required ?? []);
    default:
      throw new Error(`no type is known for the schema ${JSON.stringify(schema)}`);
  }
}

/**
 * One of a union; a union inside is part of it.
 *
 * @param {string} type
 */
function alternative(type) {
  return type.startsWith('\n') ? type : `\n  | ${type}`;
}

/**
 * @param {Readonly<Record<string, Schema>>} properties
 * @param {readonly string[]} required
 */
function objectOf(properties, required) {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${comment(schema)}readonly ${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};\n`,
  );
  return `{\n${fields.join('')}}`;
}
