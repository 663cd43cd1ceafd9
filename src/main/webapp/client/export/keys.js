/** Reads a row's key from its bytes. Every digit counts, so numbers are never numbers here, but the text that was sent. */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A value that cannot be told, or not be said again to the server. */
export class NoKey extends Error {}

/**
 * @param line a row of NDJSON
 * @param columns of the key: `{ name, jsonName, type }`
 * @returns {string[]} the values, as PostgreSQL reads them
 */
export function keyOfLine(line, columns) {
  const tokens = members(decoder.decode(line));
  return columns.map((column) => value(tokens.get(column.jsonName), column));
}

function value(token, { name, type }) {
  if (token === undefined || token === 'null') throw new NoKey(`the last row has no value of "${name}"`);
  if (type === 'jsonb') return token;
  if (/^[[{]/.test(token)) throw new NoKey(`JSON has no text of "${name}" (${type}) that the server could read; CSV has`);
  return token.startsWith('"') ? JSON.parse(token) : token;
}

/** The members of an object as they were written. */
function members(text) {
  const found = new Map();
  const scan = new JsonScan(text);
  scan.skip('{');
  while (!scan.isAt('}')) {
    const name = JSON.parse(scan.value());
    scan.skip(':');
    found.set(name, scan.value());
    if (scan.isAt(',')) scan.skip(',');
  }
  return found;
}

/** Steps over the JSON of a row, which is known to be well-formed. */
class JsonScan {
  static #SPACE = /\s*/y;
  static #NESTED = /[^"[\]{}]*/y;
  static #PLAIN = /[^,}\]\s]+/y;
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  isAt(sign) {
    this.#match(JsonScan.#SPACE);
    if (this.#at >= this.#text.length) throw new NoKey('the last row is no JSON object');
    return this.#text[this.#at] === sign;
  }

  skip(sign) {
    if (!this.isAt(sign)) throw new NoKey('the last row is no JSON object');
    this.#at++;
  }

  /** A value of any kind, as it is written. */
  value() {
    if (this.isAt('"')) return this.#quoted();
    return /[[{]/.test(this.#text[this.#at]) ? this.#structure() : this.#match(JsonScan.#PLAIN);
  }

  #structure() {
    const start = this.#at;
    let depth = 0;
    do {
      this.#match(JsonScan.#NESTED);
      if (this.isAt('"')) this.#quoted();
      else depth += '[{'.includes(this.#text[this.#at++]) ? 1 : -1;
    } while (depth > 0);
    return this.#text.slice(start, this.#at);
  }

  /** No pattern: those of texts with escapes run out of stack on megabytes. */
  #quoted() {
    const start = this.#at;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) throw new NoKey('the last row is no JSON object');
    } while (this.#isEscaped(end));
    this.#at = end + 1;
    return this.#text.slice(start, this.#at);
  }

  #isEscaped(at) {
    let first = at;
    while (this.#text[first - 1] === '\\') first--;
    return (at - first) % 2 === 1;
  }

  #match(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw new NoKey('the last row is no JSON object');
    this.#at = pattern.lastIndex;
    return found[0];
  }
}

/**
 * @param record a row of CSV
 * @param names of its columns, in their order
 * @param columns of the key
 */
export function keyOfRecord(record, names, columns, { delimiter = ',', excel = false } = {}) {
  const fields = csvFields(decoder.decode(record), delimiter);
  if (fields.length !== names.length) throw new NoKey('the columns of the dataset have changed');
  return columns.map(({ name }) => field(fields[names.indexOf(name)], name, excel));
}

/** In a file for Excel an apostrophe may have been put before a text, or have been there. */
function field(text, name, excel) {
  if (excel && text.startsWith("'")) throw new NoKey(`"${name}" of the last row has been changed for Excel`);
  return text;
}

/** @returns {string[]} the values of a record, without their quotes */
export function csvFields(record, delimiter) {
  const fields = [];
  let at = 0;
  do {
    const isQuoted = record[at] === '"';
    const end = isQuoted ? closing(record, at) : until(record, delimiter, at);
    fields.push(isQuoted ? record.slice(at + 1, end - 1).replaceAll('""', '"') : record.slice(at, end));
    at = end + 1;
  } while (at <= record.length);
  return fields;
}

/** After the quote that closes the field which begins here. */
function closing(record, start) {
  let at = record.indexOf('"', start + 1);
  while (record[at + 1] === '"') at = record.indexOf('"', at + 2);
  return at + 1;
}

function until(record, delimiter, start) {
  const end = record.indexOf(delimiter, start);
  return end < 0 ? record.length : end;
}
