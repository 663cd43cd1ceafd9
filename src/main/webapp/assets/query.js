/**
 * From what was chosen to the address that asks for it, in the server's query dialect (PostgREST's).
 *
 * A choice is `{ dataset, names, parameters, columns, filters, order, format, header, excel }`: `columns` null for all,
 * filters of `{ column, operator, value }`, order of `{ column, descending }`, `names` those of all datasets known.
 */

/** The operators, each with how it reads and whether it takes a value. */
export const OPERATORS = [
  { id: 'eq', label: '=', takesValue: true },
  { id: 'neq', label: '≠', takesValue: true },
  { id: 'gt', label: '>', takesValue: true },
  { id: 'gte', label: '≥', takesValue: true },
  { id: 'lt', label: '<', takesValue: true },
  { id: 'lte', label: '≤', takesValue: true },
  { id: 'like', label: 'like', takesValue: true },
  { id: 'ilike', label: 'like, any case', takesValue: true },
  { id: 'in', label: 'one of', takesValue: true },
  { id: 'is.null', label: 'is null', takesValue: false },
  { id: 'not.is.null', label: 'is not null', takesValue: false },
];

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PLAIN_DATASET = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const RESERVED = new Set([
  'select', 'order', 'limit', 'offset', 'after', 'or', 'and', 'not',
  'header', 'delimiter', 'null', 'excel', 'end', 'format', 'dataset', 'token', 'ticket', 'follow',
]);

/** Whether a filter says enough to be sent. */
export function isComplete({ operator, value }) {
  return value !== '' || !OPERATORS.find(({ id }) => id === operator).takesValue;
}

/** The address of the whole export, relative to the application. */
export function exportPath(choice) {
  const { path, pairs } = target(choice);
  const query = [...pairs, ...exportQuery(choice)].map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return query ? `${path}?${query}` : path;
}

/** The parameters of the export, without dataset and format. */
export function exportQuery(choice) {
  return [...conditions(choice), ...options(choice)];
}

/** By suffix where that is unmistakable; a name like `x.csv`, or one with odd characters, goes into the query. */
function target({ dataset, format, names = [] }) {
  const short = `${dataset}.${format}`;
  return PLAIN_DATASET.test(dataset) && !names.includes(short)
    ? { path: `api/export/${short}`, pairs: [] }
    : { path: 'api/export', pairs: [['dataset', dataset], ['format', format]] };
}

function conditions({ parameters = {}, columns, filters = [], order = [] }) {
  const taken = new Set([...RESERVED, ...Object.keys(parameters)]);
  const pairs = Object.entries(parameters);
  if (columns) pairs.push(['select', columns.map((name) => listed(name)).join(',')]);
  filters.filter(isComplete).forEach((filter) => pairs.push([filtered(filter.column, taken), condition(filter)]));
  if (order.length > 0) pairs.push(['order', order.map(ordered).join(',')]);
  return pairs;
}

function options({ format, header = true, excel = false }) {
  if (format !== 'csv') return [];
  return [...(header ? [] : [['header', 'false']]), ...(excel ? [['excel', 'true']] : [])];
}

function listed(name) {
  return PLAIN_NAME.test(name) ? name : quotedName(name);
}

/** As the name of a parameter: whatever could be taken for something else is quoted. */
function filtered(name, taken) {
  return PLAIN_NAME.test(name) && !taken.has(name) ? name : quotedName(name);
}

function quotedName(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

function ordered({ column, descending }) {
  return descending ? `${listed(column)}.desc` : listed(column);
}

function condition({ operator, value }) {
  if (operator === 'in') return `in.(${listItems(value).map(listValue).join(',')})`;
  return OPERATORS.find(({ id }) => id === operator).takesValue ? `${operator}.${value}` : operator;
}

/** What was typed as a list: parted by commas; an item in double quotes may hold one. */
export function listItems(text) {
  const items = text.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [];
  return items.map((item) => unquoted(item.trim())).filter((item) => item !== '');
}

function unquoted(item) {
  const isQuoted = item.length > 1 && item.startsWith('"') && item.endsWith('"');
  return isQuoted ? item.slice(1, -1).replace(/\\(.)/g, '$1') : item;
}

function listValue(value) {
  return /[,()"\\]|^\s|\s$/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}

/** Percent-encodes, but leaves what is safe in a query and in a shell's single quotes, so that people can read it. */
function encode(text) {
  return encodeURIComponent(text.toWellFormed?.() ?? text)
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@')
    .replaceAll("'", '%27');
}
