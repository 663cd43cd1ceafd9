/** The first rows of what is chosen, streamed. A newer choice ends the request of an older one. */
import { exportRows } from '../client/export.js';
import { byId } from './dom.js';
import { duration, rows } from './format.js';
import { exportQuery } from './query.js';
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
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #stream(choice, columns, signal) {
    const started = performance.now();
    const table = new RowTable(this.#box, columns);
    let shown = 0;
    for await (const row of this.#rows(choice, signal)) {
      table.add(row);
      shown++;
    }
    this.#say(shown === 0 ? 'No row matches.' : summary(shown, performance.now() - started));
  }

  #rows(choice, signal) {
    return exportRows(choice.dataset, {
      query: exportQuery({ ...choice, format: 'ndjson' }),
      limit: PREVIEW_ROWS,
      parse: parseRow,
      token: this.#api.token,
      signal,
      onRetry: ({ error }) => this.#complain(error),
    });
  }

  #fail(error) {
    this.#box.replaceChildren();
    this.#complain(error);
  }

  #complain(error) {
    const { title, detail } = explain(error);
    this.#say(`${title}. ${detail}`, true);
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
