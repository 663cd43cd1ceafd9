/** Rows of an export as a table. Numbers keep every digit the server sent. */
import { el } from './dom.js';

/** A cell's text; null stays null. */
export function cellText(value) {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return String(value);
  return value.rawJSON ?? JSON.stringify(value);
}

/** Reads a row; where the browser can, numbers keep their digits: a bigint or numeric has more than a double holds. */
export function parseRow(line) {
  return JSON.rawJSON ? JSON.parse(line, exact) : JSON.parse(line);
}

function exact(key, value, context) {
  return typeof value === 'number' ? JSON.rawJSON(context.source) : value;
}

export class RowTable {
  #columns;
  #body = el('tbody');

  /** @param columns of the catalogue: `{ name, jsonName, type }` */
  constructor(box, columns) {
    this.#columns = columns;
    const head = el('tr', {}, ...columns.map(heading));
    box.replaceChildren(el('table', {}, el('thead', {}, head), this.#body));
  }

  add(row) {
    this.#body.append(el('tr', {}, ...this.#columns.map((column) => cell(column, row[column.jsonName]))));
  }
}

function heading({ name, type }) {
  return el('th', { scope: 'col', className: isNumber(type) ? 'number' : '' }, name, el('small', {}, type));
}

function cell({ type }, value) {
  const text = cellText(value);
  const alignment = isNumber(type) ? 'number' : '';
  if (text === null) return el('td', { className: `null ${alignment}` }, 'null');
  return el('td', { className: alignment, title: text.length > 40 ? text : '' }, text);
}

function isNumber(type) {
  return /^(smallint|integer|bigint|real|double precision|numeric|money)/.test(type) && !type.endsWith(']');
}
