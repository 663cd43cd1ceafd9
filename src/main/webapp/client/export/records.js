/**
 * Cuts the bytes of one answer into blocks of whole records, and knows how many rows they hold and which was the last.
 * A cutter takes chunks with `push`, which returns what is certain by now, and ends in `finish`, which throws when the
 * answer was not whole. Its `last` is the last row, without its line end.
 */
import { ExportError, Interruption } from './errors.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const NOTHING = new Uint8Array(0);
const END_RECORD = new TextEncoder().encode('{"_end":');
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);
const EMPTY_ARRAY_BYTES = 3;

/** The beginning of a record whose end has not come yet. */
class Rest {
  length = 0;
  #pieces = [];

  /** @returns {Uint8Array} what was kept and the chunk up to `end`; the chunk's remainder is kept */
  take(chunk, end) {
    const whole = end === 0 ? NOTHING : concat([...this.#pieces, chunk.subarray(0, end)]);
    if (end > 0) this.#pieces = [];
    if (end < chunk.length) this.#pieces.push(chunk.subarray(end));
    this.length = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    return whole;
  }

  all() {
    return concat(this.#pieces);
  }
}

/** Lines, of which the very last one is the record of how many rows the server sent. */
export class NdjsonRecords {
  rows = 0;
  last = null;
  #rest = new Rest();
  #held = NOTHING;

  push(chunk) {
    const lines = this.#rest.take(chunk, chunk.lastIndexOf(NEWLINE) + 1);
    return lines.length === 0 ? NOTHING : this.#rows(concat([this.#held, lines]));
  }

  /** A row may look like the end record: only what no other line follows is one. */
  #rows(lines) {
    const start = lastLine(lines);
    const isHeld = startsWith(lines, END_RECORD, start);
    this.#held = isHeld ? lines.subarray(start) : NOTHING;
    const rows = isHeld ? lines.subarray(0, start) : lines;
    if (rows.length > 0) this.last = rows.subarray(lastLine(rows), rows.length - 1);
    this.rows += newlines(rows);
    return rows;
  }

  finish() {
    const sent = this.#rest.length === 0 ? recorded(this.#held) : null;
    if (sent === null) throw new Interruption('broken', new Error('The end record is missing.'));
    requireCount(sent, this.rows);
    return NOTHING;
  }
}

function recorded(line) {
  try {
    const { rows } = JSON.parse(new TextDecoder().decode(line))._end;
    return Number.isSafeInteger(rows) ? rows : null;
  } catch {
    return null;
  }
}

function requireCount(sent, received) {
  if (sent !== received) {
    throw new ExportError('count_mismatch', `The server sent ${sent} rows, and ${received} have arrived.`);
  }
}

/** Records of CSV: a line end inside quotes belongs to a value. */
export class CsvRecords {
  rows = 0;
  last = null;
  #rest = new Rest();
  #quoted = false;
  #names;
  #repeated;
  #excel;
  #begins;

  /**
   * @param header whether the first record holds the names
   * @param repeated whether the names have been delivered by an earlier answer
   * @param excel whether lines end in CRLF
   * @param begins whether this answer is the file's beginning, which in a file for Excel is a mark
   */
  constructor({ header, repeated, excel, begins }) {
    this.#names = header ? 1 : 0;
    this.#repeated = repeated;
    this.#excel = excel;
    this.#begins = begins;
  }

  push(chunk) {
    const kept = this.#rest.length;
    const { count, first, previous, end } = this.#scan(chunk);
    const records = this.#rest.take(chunk, end);
    if (count === 0) return NOTHING;
    const names = this.#names;
    this.#names = 0;
    if (count > names) this.#keepLast(records, previous === 0 ? 0 : kept + previous, count - names);
    return names > 0 && this.#repeated ? records.subarray(kept + first) : records;
  }

  #keepLast(records, start, rows) {
    const isFirst = this.rows === 0 && rows === 1;
    const from = isFirst && this.#excel && this.#begins && startsWith(records, BYTE_ORDER_MARK, start) ? start + 3 : start;
    const end = records.length - 1;
    this.last = records.subarray(from, this.#excel && records[end - 1] === RETURN ? end - 1 : end);
    this.rows += rows;
  }

  /** How many records end in the chunk; the ends of the first, of the one before the last (or 0), and of the last (or 0). */
  #scan(chunk) {
    let quoted = this.#quoted;
    let count = 0;
    let first = 0;
    let previous = 0;
    let end = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      // A doubled quote closes and opens, which comes to the same.
      if (byte === QUOTE) quoted = !quoted;
      else if (byte === NEWLINE && !quoted) {
        previous = end;
        end = i + 1;
        if (count++ === 0) first = end;
      }
    }
    this.#quoted = quoted;
    return { count, first, previous, end };
  }

  /** A file for Excel without names and rows is its mark alone. */
  finish() {
    const rest = this.#rest.all();
    if (rest.length > 0 && !isMark(rest)) throw new Interruption('broken', new Error('The last record is not whole.'));
    return rest;
  }
}

function isMark(bytes) {
  return bytes.length === BYTE_ORDER_MARK.length && startsWith(bytes, BYTE_ORDER_MARK, 0);
}

/** One array, an object on each line; it cannot be cut, so it comes as it is. */
export class ArrayRecords {
  last = null;
  #lines = 0;
  #bytes = 0;

  get rows() {
    return this.#bytes <= EMPTY_ARRAY_BYTES ? 0 : this.#lines;
  }

  push(chunk) {
    this.#lines += newlines(chunk);
    this.#bytes += chunk.length;
    return chunk;
  }

  finish() {
    return NOTHING;
  }
}

function newlines(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Where the last of some whole lines begins. */
function lastLine(lines) {
  return lines.length < 2 ? 0 : lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
}

function startsWith(bytes, beginning, at) {
  return bytes.length >= at + beginning.length && beginning.every((byte, i) => bytes[at + i] === byte);
}

function concat(pieces) {
  const filled = pieces.filter(({ length }) => length > 0);
  if (filled.length < 2) return filled[0] ?? NOTHING;
  const whole = new Uint8Array(filled.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of filled) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
