/**
 * Where a download goes. A sink takes chunks with `write`, and ends in one `keep` (complete) or `discard` (not).
 * Opening one for a file asks the reader where to, so it has to happen in the click itself.
 */
import { el } from './dom.js';

/** As much as a page should hold in memory. */
export const MEMORY_LIMIT = 256_000_000;

/** More has come than the page may hold; only a browser that writes to disk can take it. */
export class TooLargeError extends Error {}

export function writesToDisk() {
  return typeof globalThis.showSaveFilePicker === 'function';
}

/** Rejects with an AbortError when the reader thinks better of it. */
export async function openSink(name, mediaType) {
  if (!writesToDisk()) return new MemorySink(name, mediaType);
  const handle = await globalThis.showSaveFilePicker({ suggestedName: name });
  return new FileSink(handle, await handle.createWritable());
}

/** Straight to disk. The browser puts the file in place when it is complete; until then an older one stays. */
export class FileSink {
  #handle;
  #writable;

  constructor(handle, writable) {
    this.#handle = handle;
    this.#writable = writable;
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
    if (this.#bytes > this.#limit) throw new TooLargeError();
    this.#chunks.push(chunk);
  }

  async keep() {
    const url = URL.createObjectURL(new Blob(this.#chunks, { type: this.#mediaType }));
    this.#chunks = [];
    el('a', { href: url, download: this.#name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async discard() {
    this.#chunks = [];
  }
}
