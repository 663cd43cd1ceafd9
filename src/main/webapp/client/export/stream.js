/** One export across as many connections as it takes. */
import { Entry } from './catalogue.js';
import { Connection, Patience } from './connection.js';
import { ExportError, Interruption, isPassing } from './errors.js';
import { keyOfLine, keyOfRecord, NoKey } from './keys.js';
import { keyed, MEDIA_TYPES, Query, selected } from './query.js';
import { ArrayRecords, CsvRecords, NdjsonRecords } from './records.js';

const OVER = Symbol('over');

/** Used once: `blocks()` is the way through it, `cancel()` the way out. */
export class ExportStream {
  rows = 0;
  bytes = 0;
  /** How often it has gone on after its first row. */
  resumed = 0;
  /** The planner's guess, or null. */
  expectedRows = null;
  #format;
  #first;
  #query;
  #abort = new AbortController();
  #connection;
  #patience;
  #catalogue;
  #signal;
  /** Rows that earlier answers brought. */
  #before = 0;
  #last = null;
  #interruption;

  constructor(dataset, format, options) {
    this.#format = format;
    this.#first = new Query(dataset, format, options).with({ end: format === 'ndjson' ? true : null });
    this.#query = this.#first;
    this.#connection = new Connection(options, this.#abort.signal);
    this.#patience = new Patience(options);
    this.#catalogue = new Entry(this.#connection, dataset);
    this.#signal = options.signal;
  }

  cancel(reason) {
    this.#abort.abort(reason);
  }

  /** Blocks of whole records, each once and in order, as they are asked for. Its end is the end of the data. */
  async *blocks() {
    this.#signal?.throwIfAborted();
    const stop = () => this.cancel(this.#signal.reason);
    this.#signal?.addEventListener('abort', stop);
    try {
      yield* this.#answers();
    } finally {
      this.#signal?.removeEventListener('abort', stop);
      this.cancel(OVER);
    }
  }

  async *#answers() {
    for (let isWhole = false; !isWhole; ) {
      const before = this.rows;
      try {
        yield* this.#answer();
        isWhole = true;
      } catch (error) {
        this.#abort.signal.throwIfAborted();
        this.#interruption = error;
        if (this.rows > before) this.#patience.renew();
        await this.#recover(error);
      }
    }
  }

  /** The records of one answer. */
  async *#answer() {
    if (this.rows > 0) await this.#continueAfterLast();
    const response = await this.#connection.send(this.#query.path(), MEDIA_TYPES[this.#format]);
    this.#note(response);
    const records = this.#cutter();
    const reader = response.body.getReader();
    try {
      for (let part = await next(reader); !part.done; part = await next(reader)) {
        yield* this.#count(records, records.push(part.value));
      }
    } finally {
      reader.cancel().catch(() => {});
    }
    yield* this.#count(records, records.finish());
  }

  *#count(records, block) {
    this.rows = this.#before + records.rows;
    this.bytes += block.length;
    this.#last = records.last ?? this.#last;
    if (block.length > 0) yield block;
  }

  #note(response) {
    this.#before = this.rows;
    if (this.rows > 0) this.resumed++;
    const estimate = Number(response.headers.get('Sluice-Estimated-Rows'));
    if (this.rows === 0) this.expectedRows = estimate > 0 ? estimate : null;
  }

  #cutter() {
    if (this.#format === 'ndjson') return new NdjsonRecords();
    if (this.#format === 'json') return new ArrayRecords();
    const header = this.#query.get('header') !== 'false';
    const begins = this.rows === 0;
    return new CsvRecords({ header, repeated: this.bytes > 0, excel: this.#isExcel(), begins });
  }

  #isExcel() {
    return ['true', ''].includes(this.#first.get('excel'));
  }

  /** Waits for a better moment, or says why there will be none. */
  async #recover(error) {
    if (!isPassing(error)) throw this.#told(error);
    if (this.bytes > 0 && this.#format === 'json') throw this.#lost('JSON is one array; NDJSON and CSV can be continued');
    if (this.rows > 0 && this.#first.get('order') !== null) throw this.#lost('the query has an order of its own');
    if (!(await this.#patience.waits(error, this.rows, this.#abort.signal))) throw this.#told(error);
  }

  /** From here on the query is that for the rows after the last one. */
  async #continueAfterLast() {
    const entry = await this.#catalogue.read();
    const limit = this.#first.get('limit');
    this.#query = this.#first.with({
      after: keyed(this.#lastKey(entry)),
      offset: null,
      ...(limit === null ? {} : { limit: BigInt(limit) - BigInt(this.rows) }),
      ...(this.#format === 'csv' ? { header: false } : {}),
    });
  }

  #lastKey({ key, columns }) {
    const names = selected(this.#first.get('select'), columns.map(({ name }) => name));
    if (key.length === 0) throw this.#lost('the dataset has no key');
    if (!key.every((name) => names.includes(name))) throw this.#lost(`its key (${key.join(', ')}) is not among the selected columns`);
    const ofKey = key.map((name) => columns.find((column) => column.name === name));
    const options = { delimiter: this.#first.get('delimiter') ?? undefined, excel: this.#isExcel() };
    try {
      return this.#format === 'csv' ? keyOfRecord(this.#last, names, ofKey, options) : keyOfLine(this.#last, ofKey);
    } catch (error) {
      throw error instanceof NoKey ? this.#lost(error.message) : error;
    }
  }

  #lost(reason) {
    const message = `The connection broke after ${counted(this.rows)}, and the export cannot be continued: ${reason}.`;
    return new ExportError('not_resumable', message, { rows: this.rows, cause: this.#interruption });
  }

  #told(error) {
    if (error instanceof ExportError) error.rows = this.rows;
    if (!(error instanceof Interruption)) return error;
    const broke = this.rows > 0 || error.code === 'broken' ? `The connection broke after ${counted(this.rows)}. ` : '';
    const message = broke + (error.code === 'unreachable' ? 'The server cannot be reached.' : 'Trying again did not help.');
    return new ExportError(error.code, message, { rows: this.rows, cause: error.cause });
  }
}

function counted(rows) {
  return rows === 1 ? '1 row' : `${rows} rows`;
}

/** A read that fails, other than by a cancel, is a connection that was cut. */
async function next(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw new Interruption('broken', error);
  }
}
