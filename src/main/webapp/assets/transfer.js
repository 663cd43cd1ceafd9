/** The download panel: starts one, shows how it goes, and says in words how it ended. */
import { canWriteToDisk, download, exportFileName, MEMORY_LIMIT } from '../client/export.js';
import { byId, el, show } from './dom.js';
import { count, duration, megabytes, megabytesPerSecond, rows } from './format.js';
import { exportQuery } from './query.js';
import { explain } from './words.js';

const PAINT_MS = 100;
const SPEAK_MS = 5000;
const NOT_YET = 0.99;

export class Transfer {
  #api;
  #idle;
  #start = byId('download');
  #panel = byId('transfer');
  #bar = byId('transfer-bar');
  #figures = byId('transfer-figures');
  #spoken = byId('transfer-spoken');
  #result = byId('transfer-result');
  #cancel = byId('cancel');
  #running = null;

  /** @param idle called when a download has ended, however */
  constructor(api, idle) {
    this.#api = api;
    this.#idle = idle;
    this.#cancel.onclick = () => this.#running?.abort();
    window.addEventListener('beforeunload', (event) => {
      if (this.#running) event.preventDefault();
    });
  }

  get isRunning() {
    return this.#running !== null;
  }

  async run(choice) {
    const to = await this.#target(choice);
    if (!to) return;
    this.#running = new AbortController();
    const view = new Figures(this.#bar, this.#figures, this.#spoken);
    this.#begin();
    try {
      const done = await this.#download(choice, to, view);
      view.finish();
      this.#end('done', `${nameOf(choice)} is complete:`, completed(done, view));
    } catch (error) {
      view.stop();
      this.#showFigures(view.bytes > 0);
      this.#end(...failed(error, view, this.#running.signal));
    }
  }

  /** Asked for before anything else is shown; a reader who closes the dialog has changed nothing. */
  async #target(choice) {
    if (!canWriteToDisk()) return 'memory';
    try {
      return await window.showSaveFilePicker({ suggestedName: nameOf(choice) });
    } catch (error) {
      if (error.name !== 'AbortError') this.#end('broken', 'The file cannot be written.', error.message);
      return null;
    }
  }

  #download(choice, to, view) {
    return download(choice.dataset, {
      query: exportQuery(choice),
      format: choice.format,
      fileName: nameOf(choice),
      to,
      token: this.#api.token,
      signal: this.#running.signal,
      onProgress: (progress) => {
        this.#result.replaceChildren();
        view.show(progress);
      },
      onRetry: ({ error, delay }) => {
        this.#result.replaceChildren(el('strong', {}, `${explain(error).title}.`), ` Trying again in ${duration(delay)}.`);
      },
    });
  }

  #begin() {
    show(this.#panel, true);
    this.#showFigures(true);
    show(this.#cancel, true);
    this.#start.disabled = true;
    this.#result.replaceChildren();
    this.#panel.dataset.state = 'running';
    this.#cancel.focus();
  }

  /** A download that never began has none. */
  #showFigures(visible) {
    show(this.#bar, visible);
    show(this.#figures, visible);
  }

  #end(state, title, text) {
    const hadFocus = document.activeElement === this.#cancel;
    show(this.#panel, true);
    show(this.#cancel, false);
    this.#running = null;
    this.#idle();
    this.#panel.dataset.state = state;
    this.#result.replaceChildren(el('strong', {}, title), ` ${text}`);
    if (hadFocus) this.#start.focus();
  }
}

function nameOf({ dataset, format }) {
  return exportFileName(dataset, format);
}

/** Bar and figures, painted a few times a second and spoken every few seconds. */
class Figures {
  rows = 0;
  bytes = 0;
  #bar;
  #text;
  #spoken;
  #started = performance.now();
  #painted = 0;
  #said = performance.now();

  constructor(bar, text, spoken) {
    this.#bar = bar;
    this.#text = text;
    this.#spoken = spoken;
    bar.removeAttribute('value');
    text.textContent = 'Waiting for the first row';
    spoken.textContent = '';
  }

  get took() {
    return performance.now() - this.#started;
  }

  show(progress) {
    this.rows = progress.rows;
    this.bytes = progress.bytes;
    const now = performance.now();
    if (now - this.#painted < PAINT_MS) return;
    this.#painted = now;
    this.#paint(progress);
    if (now - this.#said > SPEAK_MS) this.#speak(now);
  }

  finish() {
    this.#bar.value = 1;
    this.stop();
  }

  stop() {
    const speed = megabytesPerSecond((this.bytes * 1000) / Math.max(this.took, 1));
    this.#write(rows(this.rows), megabytes(this.bytes), `${speed} on average`);
  }

  /** An estimate may be too low: the bar is not full before the end is there. */
  #paint({ expectedRows, bytesPerSecond }) {
    if (expectedRows) this.#bar.value = Math.min(this.rows / expectedRows, NOT_YET);
    const number = expectedRows ? `${count(this.rows)} of about ${rows(expectedRows)}` : rows(this.rows);
    this.#write(number, megabytes(this.bytes), megabytesPerSecond(bytesPerSecond));
  }

  #write(...figures) {
    this.#text.replaceChildren(...figures.map((figure) => el('span', {}, figure)));
  }

  #speak(now) {
    this.#said = now;
    this.#spoken.textContent = `${rows(this.rows)}, ${megabytes(this.bytes)}`;
  }
}

function completed({ rows: number, bytes, resumed, confirmed }, view) {
  const breaks = resumed > 0 ? ` The connection broke ${resumed === 1 ? 'once' : `${resumed} times`}, and the download went on.` : '';
  const proof = confirmed === 'end-record' ? ' The server\u2019s end record confirms the count.' : '';
  return `${rows(number)}, ${megabytes(bytes)} in ${duration(view.took)}.${breaks}${proof}`;
}

/** State, title and text for whatever ended a download early. */
function failed(error, view, signal) {
  if (signal.aborted) return ['cancelled', 'Cancelled', `after ${rows(view.rows)}. Nothing was kept.`];
  if (BREAKS.has(error.code) && error.rows > 0) return ['broken', 'The download broke.', `${error.message} ${NOTHING_KEPT}`];
  if (error.code === 'too_large') return ['broken', 'Too large for this browser.', TOO_LARGE];
  if (error.status === undefined && view.bytes > 0) return ['broken', 'The file cannot be written', `after ${rows(view.rows)}: ${error.message}`];
  const { title, detail } = explain(error);
  return ['broken', `${title}.`, detail];
}

const BREAKS = new Set(['broken', 'unreachable', 'not_resumable', 'count_mismatch', 'not_an_export']);
const NOTHING_KEPT = 'Nothing was kept, so that no part passes for the whole.';
const TOO_LARGE =
  `It cannot write to disk while the data come, and this page keeps at most ${megabytes(MEMORY_LIMIT)} in memory. ` +
  'Use the plain link, which carries no sign-in and has no progress bar here, or the curl line.';
