/**
 * Where a download goes. A sink takes chunks with `write`, and ends in one `keep` (complete) or `discard` (not).
 * Opening one for a file asks the reader where to, so it has to happen in the click itself.
 */
import { ExportError } from './errors.js';

/** As much as a page should hold in memory, in bytes. */
export const MEMORY_LIMIT = 256_000_000;

export function canWriteToDisk() {
  return typeof globalThis.showSaveFilePicker === 'function';
}

/**
 * @param to `disk`, `memory`, a file handle, a WritableStream, or nothing for the best of the first two
 * @returns a sink; rejects with an AbortError when the reader thinks better of it
 */
export async function openSink(to, name, mediaType, memoryLimit) {
  if (to?.getWriter) return new StreamSink(to.getWriter());
  if (to?.createWritable) return FileSink.open(to);
  if (to === 'disk' || (to === undefined && canWriteToDisk())) {
    return FileSink.open(await globalThis.showSaveFilePicker({ suggestedName: name }));
  }
  return new MemorySink(name, mediaType, memoryLimit);
}

/** Straight to disk. The browser puts the file in place when it is complete; until then an older one stays. */
class FileSink {
  where = 'disk';
  #handle;
  #writable;

  constructor(handle, writable) {
    this.#handle = handle;
    this.#writable = writable;
  }

  static async open(handle) {
    return new FileSink(handle, await handle.createWritable());
  }

  write(chunk) {
    return this.#writable.write(chunk);
  }

  keep() {
    return this.#writable.close();
  }

  async discard() {
    await this.#writable.abort().catch(() => {});
    await this.#removeEmpty().catch(() => {});
  }

  /** Choosing a new name has already made an empty file, which looks like a result. */
  async #removeEmpty() {
    const { size } = await this.#handle.getFile();
    if (size === 0) await this.#handle.remove?.();
  }
}

/** In memory up to a limit, then handed to the browser's own downloads. */
export class MemorySink {
  where = 'memory';
  #name;
  #mediaType;
  #limit;
  #chunks = [];
  #bytes = 0;

  constructor(name, mediaType, limit = MEMORY_LIMIT) {
    this.#name = name;
    this.#mediaType = mediaType;
    this.#limit = limit;
  }

  async write(chunk) {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limit) throw new ExportError('too_large', `More than ${this.#limit} bytes have come, which is the limit in memory.`);
    this.#chunks.push(chunk);
  }

  async keep() {
    const url = URL.createObjectURL(new Blob(this.#chunks, { type: this.#mediaType }));
    this.#chunks = [];
    follow(url, this.#name);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async discard() {
    this.#chunks = [];
  }
}

/** Whatever the caller wants it in. */
class StreamSink {
  where = 'stream';
  #writer;

  constructor(writer) {
    this.#writer = writer;
  }

  write(chunk) {
    return this.#writer.write(chunk);
  }

  keep() {
    return this.#writer.close();
  }

  async discard() {
    await this.#writer.abort().catch(() => {});
  }
}

/** As a click on a link that downloads. */
export function follow(href, name) {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}
