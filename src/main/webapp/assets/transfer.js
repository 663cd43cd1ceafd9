/** The download panel: starts one, shows how it goes, and says in words how it ended. */
import { BrokenDownloadError, download } from './download.js';
import { byId, el, show } from './dom.js';
import { count, duration, megabytes, megabytesPerSecond, rows } from './format.js';
import { Meter } from './meter.js';
import { exportPath, fileName } from './query.js';
import { MEMORY_LIMIT, openSink, TooLargeError } from './sinks.js';
import { explain } from './words.js';

const MEDIA_TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson', json: 'application/json' };
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
    const sink = await this.#open(choice);
    if (!sink) return;
    this.#running = new AbortController();
    const view = new Figures(this.#bar, this.#figures, this.#spoken);
    this.#begin();
    try {
      const done = await this.#move(choice, sink, view);
      view.finish();
      this.#end('done', `${fileName(choice)} is complete:`, completed(choice, done, view));
    } catch (error) {
      view.stop();
      this.#showFigures(view.bytes > 0);
      this.#end(...failed(error, view, this.#running.signal));
    }
  }

  async #open(choice) {
    try {
      return await openSink(fileName(choice), MEDIA_TYPES[choice.format]);
    } catch (error) {
      if (error.name !== 'AbortError') this.#end('broken', 'The file cannot be written.', error.message);
      return null;
    }
  }

  async #move(choice, sink, view) {
    const extra = choice.format === 'ndjson' ? { end: true } : {};
    const { signal } = this.#running;
    const response = await this.#api.send(exportPath(choice, extra), { signal }).catch(async (error) => {
      await sink.discard();
      throw error;
    });
    view.expect(response.headers.get('Sluice-Estimated-Rows'));
    const onProgress = (progress) => view.show(progress);
    return download({ response, sink, format: choice.format, header: choice.header, onProgress });
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

/** Bar and figures, painted a few times a second and spoken every few seconds. */
class Figures {
  rows = 0;
  bytes = 0;
  #bar;
  #text;
  #spoken;
  #expected = null;
  #meter = new Meter();
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

  expect(header) {
    const number = Number(header);
    this.#expected = header !== null && number > 0 ? number : null;
  }

  get took() {
    return performance.now() - this.#started;
  }

  show({ rows: number, bytes }) {
    this.rows = number;
    this.bytes = bytes;
    const now = performance.now();
    if (now - this.#painted < PAINT_MS) return;
    this.#painted = now;
    this.#paint();
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
  #paint() {
    if (this.#expected) this.#bar.value = Math.min(this.rows / this.#expected, NOT_YET);
    const number = this.#expected ? `${count(this.rows)} of about ${rows(this.#expected)}` : rows(this.rows);
    this.#write(number, megabytes(this.bytes), megabytesPerSecond(this.#meter.rate(this.bytes)));
  }

  #write(...figures) {
    this.#text.replaceChildren(...figures.map((figure) => el('span', {}, figure)));
  }

  #speak(now) {
    this.#said = now;
    this.#spoken.textContent = `${rows(this.rows)}, ${megabytes(this.bytes)}`;
  }
}

function completed({ format }, { rows: number, bytes }, view) {
  const proof = format === 'ndjson' ? ' The server\u2019s end record confirms the count.' : '';
  return `${rows(number)}, ${megabytes(bytes)} in ${duration(view.took)}.${proof}`;
}

/** State, title and text for whatever ended a download early. */
function failed(error, view, signal) {
  const after = `after ${rows(view.rows)}`;
  if (signal.aborted) return ['cancelled', 'Cancelled', `${after}. Nothing was kept.`];
  if (error instanceof BrokenDownloadError) return ['broken', 'The download broke', `${after}. ${BROKEN}`];
  if (error instanceof TooLargeError) return ['broken', 'Too large for this browser.', TOO_LARGE];
  if (error.status === undefined && view.bytes > 0) return ['broken', 'The file cannot be written', `${after}: ${error.message}`];
  const { title, detail } = explain(error);
  return ['broken', `${title}.`, detail];
}

const BROKEN = 'The connection was cut before the end of the data. Nothing was kept, so that no part passes for the whole.';
const TOO_LARGE =
  `It cannot write to disk while the data come, and this page keeps at most ${megabytes(MEMORY_LIMIT)} in memory. ` +
  'Use the plain link, which carries no sign-in and has no progress bar here, or the curl line.';
