/** What is asked for, in the server's query dialect (PostgREST's): parameters in their order, to be read and changed. */
import { ExportError } from './errors.js';

export const MEDIA_TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv', json: 'application/json' };

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PLAIN_DATASET = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const GROUPS = new Set(['or', 'and', 'not.or', 'not.and']);
const CSV_OPTIONS = ['header', 'delimiter', 'null', 'excel'];

/** The address of an export, absolute; for a link, say. */
export function exportUrl(dataset, options = {}) {
  const format = options.format ?? 'ndjson';
  return new URL(new Query(dataset, format, options).path(), baseOf(options)).href;
}

/** The dataset's name, without what file systems refuse. */
export function exportFileName(dataset, format) {
  return `${dataset.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_')}.${format}`;
}

/** The application's root: where this module came from, unless it is said. */
export function baseOf({ baseUrl }) {
  const base = baseUrl === undefined ? new URL('../..', import.meta.url) : new URL(baseUrl, globalThis.location?.href);
  if (!base.protocol.startsWith('http')) {
    throw new ExportError('invalid_option', 'baseUrl is needed where this module was not loaded from the server.');
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

/** Immutable. */
export class Query {
  #dataset;
  #format;
  #pairs;

  constructor(dataset, format, options, pairs = pairsOf(format, options)) {
    if (!Object.hasOwn(MEDIA_TYPES, format)) throw new ExportError('invalid_option', `There is no format "${format}".`);
    this.#dataset = dataset;
    this.#format = format;
    this.#pairs = pairs;
  }

  get dataset() {
    return this.#dataset;
  }

  /** A parameter's value as text, or null. */
  get(name) {
    return this.#pairs.find(([known]) => known === name)?.[1] ?? null;
  }

  /** The same with some parameters replaced; null takes one away. */
  with(changes) {
    const kept = this.#pairs.filter(([name]) => !Object.hasOwn(changes, name));
    const added = Object.entries(changes).filter(([, value]) => value !== null);
    return new Query(this.#dataset, this.#format, null, [...kept, ...texts(added)]);
  }

  /** Relative to the application. What cannot go into a path goes into the query. */
  path() {
    const plain = PLAIN_DATASET.test(this.#dataset);
    const parameters = new URLSearchParams(plain ? [] : [['dataset', this.#dataset]]);
    parameters.append('format', this.#format);
    for (const [name, value] of this.#pairs) parameters.append(name, value);
    return `api/export${plain ? `/${this.#dataset}` : ''}?${parameters}`;
  }
}

function pairsOf(format, options) {
  const { query = [], select, order, limit, offset, after, filters = {}, parameters = {} } = options;
  const csv = format === 'csv' ? CSV_OPTIONS.map((name) => [name, options[name]]) : [];
  const named = Object.entries({ select: listed(select), order: joined(order), limit, offset, after: keyed(after) });
  const single = texts([...Object.entries(parameters), ...named, ...csv]);
  const given = [...new URLSearchParams(query)].filter(([name]) => !single.some(([known]) => known === name));
  const conditions = Object.entries(filters).flatMap(([column, all]) => [all].flat().map((one) => [filtered(column), one]));
  return [...given, ...texts(conditions), ...single];
}

function texts(pairs) {
  return pairs.filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [name, String(value)]);
}

/** An array holds names; a text is taken as it is. */
function listed(select) {
  return Array.isArray(select) ? select.map((name) => (name === '*' || PLAIN_NAME.test(name) ? name : quoted(name))).join(',') : select;
}

function joined(order) {
  return Array.isArray(order) ? order.join(',') : order;
}

/** Always an array of texts: a text of its own could look like one, and a number could lose digits. */
export function keyed(after) {
  return after === undefined || after === null ? after : JSON.stringify([after].flat().map(String));
}

/** In quotes a name is a column's, whatever else it may mean. */
function filtered(column) {
  return GROUPS.has(column) || column.startsWith('"') ? column : quoted(column);
}

function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The columns of a `select`, in their order; `*` stands for all of them. */
export function selected(select, all) {
  if (select === null) return all;
  const items = select.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  return items.flatMap((item) => (item === '*' ? all : [unquoted(item)]));
}

function unquoted(name) {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
