/** Requests with the caller's token, and how long to wait before the next one. */
import { ExportError, Interruption, isPassing, refusal } from './errors.js';
import { baseOf } from './query.js';

/** Longer than that nobody means to wait, and timers do not go beyond 24 days. */
const LONGEST_WAIT_MS = 600_000;
const LONGEST_BACKOFF_MS = 15_000;

export class Connection {
  #base;
  #token;
  #fetch;
  #signal;

  constructor(options, signal) {
    this.#base = baseOf(options);
    this.#token = options.token;
    // Called as a method of anything else, the browser's own refuses.
    this.#fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#signal = signal;
  }

  /** An answer that is a success; a token that the server no longer takes is asked for anew, once. */
  async send(path, mediaType) {
    const token = await this.#currentToken();
    let response = await this.#attempt(path, mediaType, token);
    if (response.status === 401 && token && typeof this.#token === 'function') {
      await response.body?.cancel();
      response = await this.#attempt(path, mediaType, await this.#currentToken(token));
    }
    if (!response.ok) throw await refusal(response);
    requireType(response, mediaType);
    return response;
  }

  async #currentToken(refused) {
    if (typeof this.#token !== 'function') return this.#token;
    try {
      return await this.#token(refused);
    } catch (error) {
      // Tokens often come over the same network.
      throw error instanceof TypeError || isPassing(error) ? new Interruption('unreachable', error) : error;
    }
  }

  async #attempt(path, mediaType, token) {
    const headers = { Accept: mediaType, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    try {
      return await this.#fetch(new URL(path, this.#base).href, { headers, cache: 'no-store', signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new Interruption('unreachable', error);
    }
  }
}

/** Something in between may answer in the server's place: a login page in the middle of a file, say. */
function requireType(response, mediaType) {
  const type = response.headers.get('Content-Type') ?? '';
  if (!type.startsWith(mediaType)) {
    response.body?.cancel().catch(() => {});
    throw new ExportError('not_an_export', `The answer is ${type || 'of no type'}, not ${mediaType}.`, { status: response.status });
  }
}

/** How often, and after which pause, to try again: a number of times in a row without a new row. */
export class Patience {
  #retries;
  #backoff;
  #onRetry;
  #failures = 0;

  constructor({ retries = 8, backoff = 500, onRetry = () => {} }) {
    this.#retries = retries;
    this.#backoff = backoff;
    this.#onRetry = onRetry;
  }

  renew() {
    this.#failures = 0;
  }

  /** Waits; rejects with the signal's reason. @returns {Promise<boolean>} whether to go on */
  async waits(error, rows, signal) {
    const delay = this.#delay(error);
    if (this.#failures >= this.#retries || delay > LONGEST_WAIT_MS) return false;
    this.#failures++;
    this.#onRetry({ error, attempt: this.#failures, delay, rows });
    await pause(delay, signal);
    return true;
  }

  /** As the server says, or twice as long each time; never all clients at once. */
  #delay({ retryAfter }) {
    const some = Math.random();
    if (typeof retryAfter === 'number') return retryAfter * 1000 + some * this.#backoff;
    return Math.min(this.#backoff * 2 ** this.#failures, LONGEST_BACKOFF_MS) * (1 + some) * 0.5;
  }
}

function pause(delay, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, delay);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
