import { ExportStream } from './stream.js';

const CANCELLED = Symbol('cancelled');

/**
 * The rows of a dataset, as an async iterator that is iterable itself. Nothing is asked before the first `next()`, and
 * nothing is read that is not asked for; leaving a `for await` ends the request.
 */
export function exportRows(dataset, { parse = JSON.parse, ...options } = {}) {
  const stream = new ExportStream(dataset, 'ndjson', options);
  const rows = parsed(stream, parse);
  return {
    next: () => rows.next(),
    /** A `next` that waits for the network must not keep anybody from leaving. */
    async return(value) {
      stream.cancel(CANCELLED);
      await rows.return();
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    get resumed() {
      return stream.resumed;
    },
    get expectedRows() {
      return stream.expectedRows;
    },
  };
}

/** A block at a time: decoding single lines costs more than parsing them. */
async function* parsed(stream, parse) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const block of stream.blocks()) {
      const lines = decoder.decode(block).split('\n');
      lines.pop();
      for (const line of lines) yield parse(line);
    }
  } catch (error) {
    if (error !== CANCELLED) throw error;
  }
}
