/** What can be told from the bytes of an export while they pass: lines, rows, and whether the end is the real one. */

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const EMPTY_ARRAY_BYTES = 3;

/** Cuts a byte stream into lines of text. Bytes are cut, not characters, so no chunk border can split one. */
export class LineSplitter {
  #rest = [];
  #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** @returns {string[]} the lines that this chunk completes */
  push(chunk) {
    const lines = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.#line(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) this.#rest.push(chunk.slice(start));
    return lines;
  }

  /** @returns {string[]} what came after the last line end, if anything */
  end() {
    return this.#rest.length > 0 ? [this.#line(new Uint8Array(0))] : [];
  }

  #line(last) {
    const line = this.#decoder.decode(joined([...this.#rest, last]));
    this.#rest = [];
    return line;
  }
}

/** Counts rows of one format; the rows are right once everything has been pushed. */
export function rowCounter(format, { header = true } = {}) {
  if (format === 'csv') return new CsvRows(header ? 1 : 0);
  return format === 'json' ? new ArrayRows() : new Lines();
}

class Lines {
  rows = 0;

  push(chunk) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.rows++;
  }
}

/** One object on each line; an empty array is one line as well. */
class ArrayRows {
  #lines = new Lines();
  #bytes = 0;

  push(chunk) {
    this.#lines.push(chunk);
    this.#bytes += chunk.length;
  }

  get rows() {
    return this.#bytes <= EMPTY_ARRAY_BYTES ? 0 : this.#lines.rows;
  }
}

/** A line end inside quotes belongs to a value. A doubled quote opens and closes, which comes to the same. */
class CsvRows {
  #headers;
  #lines = 0;
  #quoted = false;

  constructor(headers) {
    this.#headers = headers;
  }

  push(chunk) {
    let lines = 0;
    let quoted = this.#quoted;
    for (let i = 0; i < chunk.length; i++) {
      if (chunk[i] === QUOTE) quoted = !quoted;
      else if (chunk[i] === NEWLINE && !quoted) lines++;
    }
    this.#quoted = quoted;
    this.#lines += lines;
  }

  get rows() {
    return Math.max(0, this.#lines - this.#headers);
  }
}

/**
 * Holds back the last line of an NDJSON stream that was asked with `end=true`: the record of how many rows the server
 * sent, which proves that nothing is missing and is no part of the file.
 */
export class EndRecord {
  #line = [];
  #partial = [];

  /** @returns {Uint8Array[]} what surely comes before the last line */
  push(chunk) {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last < 0) {
      if (chunk.length > 0) this.#partial.push(chunk);
      return [];
    }
    const before = last > 0 ? chunk.lastIndexOf(NEWLINE, last - 1) : -1;
    const sure = before < 0 ? this.#line : [...this.#line, ...this.#partial, chunk.subarray(0, before + 1)];
    const started = before < 0 ? this.#partial : [];
    this.#line = [...started, chunk.subarray(before + 1, last + 1)];
    this.#partial = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    return sure;
  }

  /** @returns {boolean} whether the stream ended in the record of just so many rows */
  confirms(rows) {
    return this.#partial.length === 0 && recorded(joined(this.#line)) === rows;
  }
}

function recorded(line) {
  try {
    return JSON.parse(new TextDecoder().decode(line))._end.rows;
  } catch {
    return undefined;
  }
}

function joined(chunks) {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
