/** Moves one response into one sink, counting, and never calls a part the whole. */
import { EndRecord, rowCounter } from './bytes.js';

/** The stream ended before its end: cut on the way, or without the record that confirms it. */
export class BrokenDownloadError extends Error {}

/**
 * Runs until the sink has kept everything or has discarded it; rejects in the second case.
 *
 * @param response a successful response, its body untouched
 * @param format the format asked for; NDJSON must have been asked with `end=true`
 * @param header whether a CSV begins with a header
 * @param onProgress told `{ rows, bytes }` after every chunk
 * @returns {Promise<{rows: number, bytes: number}>}
 */
export async function download({ response, sink, format, header, onProgress }) {
  const tally = new Tally(format, header);
  try {
    await move(response.body.getReader(), sink, tally, onProgress);
    if (!tally.isConfirmed()) throw new BrokenDownloadError();
    await sink.keep();
    return tally.progress();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

async function move(reader, sink, tally, onProgress) {
  try {
    for (let part = await next(reader); !part.done; part = await next(reader)) {
      for (const chunk of tally.push(part.value)) await sink.write(chunk);
      onProgress(tally.progress());
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A read that fails, other than by our own cancel, is a connection that was cut. */
async function next(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw error.name === 'AbortError' ? error : new BrokenDownloadError('cut', { cause: error });
  }
}

class Tally {
  #counter;
  #end;
  #bytes = 0;

  constructor(format, header) {
    this.#counter = rowCounter(format, { header });
    this.#end = format === 'ndjson' ? new EndRecord() : null;
  }

  /** @returns {Uint8Array[]} what of this chunk, and of those before, belongs to the file */
  push(chunk) {
    const content = this.#end ? this.#end.push(chunk) : [chunk];
    for (const piece of content) {
      this.#counter.push(piece);
      this.#bytes += piece.length;
    }
    return content;
  }

  progress() {
    return { rows: this.#counter.rows, bytes: this.#bytes };
  }

  isConfirmed() {
    return this.#end === null || this.#end.confirms(this.#counter.rows);
  }
}
