/** An export server in memory, which cuts its answers where a test says. Used by tests alone. */

const encoder = new TextEncoder();

/**
 * A dataset of a few rows as literal text, so that nothing here is built by what is tested.
 *
 * @typedef {{ key: string[], json: string, csv: string }} ScriptedRow
 */
export class ScriptedServer {
  /** The addresses that were asked, and with which Authorization. */
  asked = [];
  /** Export requests that were ended from outside. */
  aborted = 0;
  /** Chunks that have been read of all answers. */
  read = 0;
  #dataset;
  #rows;
  #cuts;
  #answers;
  #chunk;

  /**
   * @param dataset `{ name, columns, key, csvNames }`, as the catalogue has it
   * @param rows of the dataset
   * @param script `cuts`: after how many bytes the answers break, one after the other, null for not at all; `answers`:
   *     responses that come in place of the first exports; `chunk`: bytes of each chunk
   */
  constructor(dataset, rows, { cuts = [], answers = [], chunk = 7 } = {}) {
    this.#dataset = dataset;
    this.#rows = rows;
    this.#cuts = [...cuts];
    this.#answers = [...answers];
    this.#chunk = chunk;
    this.fetch = this.fetch.bind(this);
  }

  /** The queries of the export requests. */
  get exports() {
    return this.asked.filter(({ isCatalogue }) => !isCatalogue).map(({ query }) => query);
  }

  async fetch(address, { headers, signal }) {
    signal.throwIfAborted();
    const url = new URL(address);
    const query = Object.fromEntries(url.searchParams);
    const isCatalogue = url.pathname.endsWith('/api/export') && !query.dataset;
    this.asked.push({ address, query, isCatalogue, authorization: headers.Authorization });
    if (isCatalogue) return Response.json({ datasets: [this.#dataset], next: null });
    const answer = this.#answers.shift();
    if (answer) return answer();
    return this.#export(query, signal);
  }

  #export(query, signal) {
    const type = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson', json: 'application/json' }[query.format];
    const bytes = encoder.encode(this.text(query));
    const cut = this.#cuts.length > 0 ? this.#cuts.shift() : null;
    const body = this.#body(cut === null ? bytes : bytes.subarray(0, cut), cut !== null, signal);
    return new Response(body, { headers: { 'Content-Type': type, 'Sluice-Estimated-Rows': '12' } });
  }

  #body(bytes, isCut, signal) {
    let at = 0;
    return new ReadableStream(
      {
        start: (controller) =>
          signal.addEventListener('abort', () => {
            this.aborted++;
            controller.error(signal.reason);
          }),
        pull: (controller) => {
          this.read++;
          if (at < bytes.length) {
            controller.enqueue(bytes.slice(at, (at += this.#chunk)));
          } else if (isCut) {
            controller.error(new TypeError('terminated'));
          } else {
            controller.close();
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The whole answer to a query. */
  text(query) {
    const rows = this.#wanted(query);
    if (query.format === 'json') return `[${rows.map(({ json }) => json).join(',\n')}]\n`;
    if (query.format === 'csv') return this.#csv(rows, query);
    return [...rows.map(({ json }) => json), ...(query.end ? [`{"_end":{"rows":${rows.length}}}`] : [])].map((line) => `${line}\n`).join('');
  }

  #csv(rows, query) {
    const end = query.excel ? '\r\n' : '\n';
    const header = String(query.header) === 'false' ? [] : [this.#dataset.csvNames];
    const mark = query.excel && !(query.after && String(query.header) === 'false') ? '\ufeff' : '';
    return mark + [...header, ...rows.map(({ csv }) => csv)].map((record) => record + end).join('');
  }

  #wanted({ after, offset = 0, limit = Infinity }) {
    const start = after === undefined ? Number(offset) : this.#after(after);
    return this.#rows.slice(start).slice(0, Number(limit));
  }

  /** The very text of the key counts. */
  #after(text) {
    const at = this.#rows.findIndex(({ key }) => JSON.stringify(key) === text);
    if (at < 0) throw new Error(`No row has the key ${text}`);
    return at + 1;
  }
}
