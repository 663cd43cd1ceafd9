/** The first rows of what is chosen, streamed. A newer choice ends the request of an older one. */
import { LineSplitter } from './bytes.js';
import { byId } from './dom.js';
import { duration, rows } from './format.js';
import { exportPath } from './query.js';
import { parseRow, RowTable } from './table.js';
import { explain } from './words.js';

export const PREVIEW_ROWS = 50;
const SETTLE_MS = 250;

export class Preview {
  #api;
  #box = byId('preview-table');
  #status = byId('preview-status');
  #abort = new AbortController();
  #timer;

  constructor(api) {
    this.#api = api;
  }

  /** Shows the choice soon; a reader who goes on typing pays for the last one alone. */
  show(choice, columns) {
    this.stop();
    this.#timer = setTimeout(() => this.#run(choice, columns), SETTLE_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  /** Empties the table, and says why. */
  clear(reason) {
    this.stop();
    this.#box.replaceChildren();
    this.#say(reason);
  }

  async #run(choice, columns) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      await this.#stream(choice, columns, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error, choice, columns);
    }
  }

  async #stream(choice, columns, signal) {
    const started = performance.now();
    const path = exportPath({ ...choice, format: 'ndjson' }, { limit: PREVIEW_ROWS });
    const response = await this.#api.send(path, { signal });
    const table = new RowTable(this.#box, columns);
    let shown = 0;
    for await (const line of lines(response.body)) {
      table.add(parseRow(line));
      shown++;
    }
    this.#say(shown === 0 ? 'No row matches.' : summary(shown, performance.now() - started));
  }

  #fail(error, choice, columns) {
    const { title, detail } = explain(error);
    this.#box.replaceChildren();
    this.#say(`${title}. ${detail}`, true);
    if (error.status === 429 || error.status === 503) {
      this.#timer = setTimeout(() => this.#run(choice, columns), (error.retryAfter ?? 2) * 1000);
    }
  }

  #say(text, isError = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle('error', isError);
  }
}

function summary(shown, took) {
  const what = shown < PREVIEW_ROWS ? `All ${rows(shown)}` : `The first ${rows(shown)}`;
  return `${shown === 1 ? 'The only row' : what}, in ${duration(took)}`;
}

async function* lines(body) {
  const splitter = new LineSplitter();
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield* splitter.push(part.value);
    yield* splitter.end();
  } finally {
    reader.cancel().catch(() => {});
  }
}
