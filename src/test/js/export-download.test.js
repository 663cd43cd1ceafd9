import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as client from '../../main/webapp/client/export.js';
import { canWriteToDisk, download, exportUrl, MEMORY_LIMIT } from '../../main/webapp/client/export.js';
import { Meter } from '../../main/webapp/client/export/meter.js';
import { ScriptedServer } from './scripted-server.js';

const BASE = 'http://sluice.example/';
const COLUMNS = ['text', 'id'].map((name) => ({ name, jsonName: name, type: name === 'id' ? 'bigint' : 'text' }));
const DATASET = { name: 'things', columns: COLUMNS, key: ['text', 'id'], csvNames: 'text,id' };

/** Values with all that CSV quotes, as COPY prints them. */
const ROWS = [
  { key: ['a', '9007199254740993'], csv: 'a,9007199254740993' },
  { key: ['two\nlines, "quoted"\r\n', '-1'], csv: '"two\nlines, ""quoted""\r\n",-1' },
  { key: ['"', '0'], csv: '"""",0' },
  { key: ['', '7'], csv: '"",7' },
  { key: ['\u65e5\u672c\u{1f30a}', '8'], csv: '\u65e5\u672c\u{1f30a},8' },
].map((row) => ({ ...row, json: JSON.stringify({ text: row.key[0] }).replace(/}$/, `,"id":${row.key[1]}}`) }));

/** A stream that keeps all it gets, and how it ended. */
class Kept {
  chunks = [];
  ended = [];
  stream = new WritableStream({
    write: (chunk) => void this.chunks.push(chunk),
    close: () => void this.ended.push('kept'),
    abort: () => void this.ended.push('discarded'),
  });

  get text() {
    return Buffer.concat(this.chunks).toString();
  }
}

function served(script, dataset = DATASET, rows = ROWS) {
  return new ScriptedServer(dataset, rows, script);
}

async function run(server, options = {}) {
  const kept = new Kept();
  const result = await download('things', { baseUrl: BASE, fetch: server.fetch, backoff: 0, to: kept.stream, ...options });
  assert.deepEqual(kept.ended, ['kept']);
  return { result, text: kept.text };
}

async function failed(server, options = {}) {
  const kept = new Kept();
  const error = await download('things', { baseUrl: BASE, fetch: server.fetch, backoff: 0, to: kept.stream, ...options }).then(
    () => assert.fail('It should fail.'),
    (reason) => reason,
  );
  assert.deepEqual(kept.ended, ['discarded']);
  return error;
}

for (const options of [
  { format: 'csv' },
  { format: 'csv', header: false },
  { format: 'csv', excel: true },
  { format: 'csv', excel: true, header: false },
  { format: 'csv', limit: 4 },
  { format: 'ndjson' },
]) {
  test(`wherever the connection breaks, the file is the same: ${JSON.stringify(options)}`, async () => {
    const whole = served({}).text(options);
    const sent = Buffer.byteLength(whole) + (options.format === 'ndjson' ? 20 : 0);
    for (let cut = 0; cut <= sent; cut++) {
      const { text, result } = await run(served({ cuts: [cut], chunk: 1 + (cut % 23) }), options);
      assert.equal(text, whole, `cut at ${cut}`);
      assert.equal(result.rows, options.limit ?? ROWS.length);
      assert.equal(result.bytes, Buffer.byteLength(whole));
    }
  });
}

test('however often it breaks, the file is the same', async () => {
  const whole = served({}).text({ format: 'csv' });
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 200; round++) {
    const cuts = Array.from({ length: random(7) }, () => random(whole.length));
    const { text } = await run(served({ cuts, chunk: 1 + random(300) }));
    assert.equal(text, whole, `cuts at ${cuts}`);
  }
});

test('a continuation asks for no names, and for the very text of the key', async () => {
  const server = served({ cuts: [Buffer.byteLength(`text,id\n${ROWS[0].csv}\n${ROWS[1].csv}\n`) + 2] });
  const { result } = await run(server);
  assert.deepEqual(server.exports, [{ format: 'csv' }, { format: 'csv', after: JSON.stringify(ROWS[1].key), header: 'false' }]);
  assert.deepEqual(result, { rows: 5, bytes: 81, resumed: 1, confirmed: 'connection', where: 'stream' });
});

test('another delimiter and another text for nulls are read as well', async () => {
  const rows = ROWS.map((row) => ({ ...row, csv: row.csv.replace(/,(-?\d+)$/, ';$1') }));
  const options = { format: 'csv', delimiter: ';', null: 'x' };
  const whole = served({}, DATASET, rows).text(options);
  for (let cut = 0; cut < Buffer.byteLength(whole); cut++) {
    assert.equal((await run(served({ cuts: [cut] }, DATASET, rows), options)).text, whole);
  }
});

test('a key that was changed for Excel is no key', async () => {
  const rows = [{ key: ["'=x", '1'], csv: "'=x,1", json: '{}' }, ROWS[0]];
  const error = await failed(served({ cuts: [21] }, DATASET, rows), { excel: true });
  assert.equal(error.code, 'not_resumable');
  assert.match(error.message, /changed for Excel/);
});

test('a dataset that has other columns by now is not continued', async () => {
  const error = await failed(served({ cuts: [40] }, { ...DATASET, columns: [...COLUMNS, COLUMNS[0]] }));
  assert.match(error.message, /columns of the dataset have changed/);
});

test('NDJSON is confirmed by its end record, which stays out of the file', async () => {
  const { result, text } = await run(served({}), { format: 'ndjson' });
  assert.equal(result.confirmed, 'end-record');
  assert.equal(text, served({}).text({ format: 'ndjson' }));
});

test('JSON comes as it is, and cannot be continued', async () => {
  const { text, result } = await run(served({ cuts: [0] }), { format: 'json' });
  assert.equal(text, served({}).text({ format: 'json' }));
  assert.equal(result.rows, ROWS.length);
  assert.equal((await run(served({}, DATASET, []), { format: 'json' })).result.rows, 0);
  const error = await failed(served({ cuts: [9] }), { format: 'json' });
  assert.equal(error.code, 'not_resumable');
});

test('CSV of a dataset without key relies on the connection', async () => {
  const error = await failed(served({ cuts: [30] }, { ...DATASET, key: [] }));
  assert.equal(error.code, 'not_resumable');
  assert.equal(error.rows, 1);
  assert.match(error.message, /broke after 1 row,.*no key/);
});

test('a file without rows has its names, and for Excel its mark', async () => {
  assert.equal((await run(served({}, DATASET, []))).text, 'text,id\n');
  const { text, result } = await run(served({}, DATASET, []), { excel: true, header: false });
  assert.equal(text, '\ufeff');
  assert.equal(result.rows, 0);
});

test('a record that is not whole at a clean end is a break', async () => {
  const half = () => new Response('text,id\na,1\n"b', { headers: { 'Content-Type': 'text/csv' } });
  const rows = [{ key: ['a', '1'], csv: 'a,1' }, { key: ['b', '2'], csv: 'b,2' }];
  assert.equal((await run(served({ answers: [half] }, DATASET, rows))).text, 'text,id\na,1\nb,2\n');
});

test('progress is told while it goes on', async () => {
  const seen = [];
  await run(served({ cuts: [40], chunk: 10 }), { onProgress: (progress) => seen.push(progress) });
  assert.ok(seen.length > 3);
  assert.ok(seen.every((one, i) => i === 0 || (one.rows >= seen[i - 1].rows && one.bytes > seen[i - 1].bytes)));
  const { bytesPerSecond, ...last } = seen.at(-1);
  assert.ok(bytesPerSecond >= 0);
  assert.deepEqual(last, { rows: 5, bytes: 81, expectedRows: 12, resumed: 1 });
});

test('a cancel is a cancel, not a break', async () => {
  const controller = new AbortController();
  const error = await failed(served({}), { signal: controller.signal, onProgress: () => controller.abort() });
  assert.equal(error.name, 'AbortError');
});

test('a disk that is full ends the request too', async () => {
  const server = served({});
  const to = new WritableStream({
    write() {
      throw new Error('full');
    },
  });
  await assert.rejects(download('things', { baseUrl: BASE, fetch: server.fetch, to }), /full/);
  assert.equal(server.aborted, 1);
});

test('only so much is held in memory', async () => {
  const options = { baseUrl: BASE, fetch: served({}).fetch, to: 'memory', memoryLimit: 20 };
  await assert.rejects(download('things', options), { code: 'too_large' });
  assert.equal(MEMORY_LIMIT, 256_000_000);
  assert.equal(canWriteToDisk(), false);
});

test('the dialog for the file comes first, and leaving it asks nothing of the server', async (t) => {
  const server = served({});
  const asked = [];
  globalThis.showSaveFilePicker = async (options) => {
    asked.push(options);
    throw new DOMException('no', 'AbortError');
  };
  t.after(() => delete globalThis.showSaveFilePicker);
  const options = { baseUrl: BASE, fetch: server.fetch, format: 'json' };
  await assert.rejects(download('a/b', options), { name: 'AbortError' });
  assert.deepEqual(asked, [{ suggestedName: 'a_b.json' }]);
  assert.equal(server.asked.length, 0);
});

test('a file that is written is put in place at the end, and taken away when nothing has come', async () => {
  const file = { ended: [], size: 0 };
  const handle = {
    createWritable: async () => ({
      write: async (chunk) => (file.size += chunk.length),
      close: async () => file.ended.push('closed'),
      abort: async () => file.ended.push('aborted'),
    }),
    getFile: async () => ({ size: 0 }),
    remove: async () => file.ended.push('removed'),
  };
  const options = { baseUrl: BASE, backoff: 0, to: handle };
  const { where } = await download('things', { ...options, fetch: served({}).fetch });
  assert.equal(where, 'disk');
  await assert.rejects(download('things', { ...options, fetch: served({ cuts: [9] }).fetch, format: 'json' }));
  assert.deepEqual(file.ended, ['closed', 'aborted', 'removed']);
});

test('a link is the browser\u2019s own download, and carries no token', async (t) => {
  const links = [];
  globalThis.document = { createElement: () => ({ click() { links.push([this.href, this.download]); } }) };
  t.after(() => delete globalThis.document);
  const result = await download('things', { baseUrl: BASE, to: 'link', limit: 5 });
  assert.equal(result.where, 'link');
  assert.deepEqual(links, [['http://sluice.example/api/export/things?format=csv&limit=5', 'things.csv']]);
  await assert.rejects(download('things', { baseUrl: BASE, to: 'link', token: 'x' }), { code: 'invalid_option' });
});

test('an address for any dataset', () => {
  assert.equal(exportUrl('things', { baseUrl: 'http://h/app' }), 'http://h/app/api/export/things?format=ndjson');
  assert.equal(
    exportUrl('a/b', { baseUrl: BASE, format: 'csv', delimiter: ';', limit: 0 }),
    'http://sluice.example/api/export?dataset=a%2Fb&format=csv&limit=0&delimiter=%3B',
  );
  assert.throws(() => exportUrl('a', { baseUrl: BASE, format: 'xml' }), { code: 'invalid_option' });
});

test('the speed is that of the last seconds', () => {
  let now = 0;
  const meter = new Meter(() => now);
  assert.equal(meter.rate(0), 0);
  for (; now <= 10_000; now += 500) meter.rate(now * 100);
  for (let later = now; now < later + 5000; now += 500) meter.rate(1_000_000);
  assert.equal(meter.rate(1_000_000), 0);
});

test('the types declare what there is', () => {
  const types = readFileSync(new URL('../../main/webapp/client/export.d.ts', import.meta.url), 'utf8');
  const declared = [...types.matchAll(/^export (?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(client).sort());
});
