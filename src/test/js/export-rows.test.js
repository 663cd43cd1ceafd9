import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExportError, exportRows } from '../../main/webapp/client/export.js';
import { ScriptedServer } from './scripted-server.js';

const BASE = 'http://sluice.example/app/';
const COLUMNS = [
  { name: 'created_at', jsonName: 'createdAt', type: 'timestamp with time zone' },
  { name: 'id', jsonName: 'id', type: 'bigint' },
  { name: 'facts', jsonName: 'facts', type: 'jsonb' },
];
const DATASET = { name: 'things', columns: COLUMNS, key: ['created_at', 'id'] };

/** Ids that a double cannot tell apart, texts that look like structure, letters of several bytes. */
const ROWS = [
  ['2026-01-01T00:00:00.000001+00:00', '9007199254740992', '{"a": "}],{\\"", "id": 1}'],
  ['2026-01-01T00:00:00.000001+00:00', '9007199254740993', 'null'],
  ['2026-01-01T00:00:00.000002+00:00', '-1', '["\\\\", "\u00e9\u{1f30a}", {"createdAt": "x"}]'],
  ['infinity', '0', '"text, with \\"quotes\\" and a brace }"'],
].map(([at, id, facts]) => ({ key: [at, id], json: `{"facts":${facts},"createdAt":"${at}","id":${id}}` }));
const TEXTS = ROWS.map(({ json }) => json);
const LENGTH = Buffer.byteLength(`${TEXTS.join('\n')}\n{"_end":{"rows":4}}\n`);

function served(script, dataset = DATASET, rows = ROWS) {
  return new ScriptedServer(dataset, rows, script);
}

/** The texts of the rows, so that not a digit is lost. */
async function all(server, options = {}) {
  const rows = [];
  const iterator = exportRows('things', { baseUrl: BASE, fetch: server.fetch, backoff: 0, parse: (text) => text, ...options });
  for await (const row of iterator) rows.push(row);
  return rows;
}

/** What an export that fails has delivered, and its error. */
async function failed(server, options = {}) {
  const rows = [];
  const iterator = exportRows('things', { baseUrl: BASE, fetch: server.fetch, backoff: 0, parse: (text) => text, ...options });
  try {
    for await (const row of iterator) rows.push(row);
  } catch (error) {
    return { rows, error };
  }
  assert.fail('It should fail.');
}

test('rows are read as JSON', async () => {
  const server = served({});
  const rows = [];
  for await (const row of exportRows('things', { baseUrl: BASE, fetch: server.fetch })) rows.push(row);
  assert.deepEqual(rows, TEXTS.map((text) => JSON.parse(text)));
  assert.deepEqual(server.exports, [{ format: 'ndjson', end: 'true' }]);
});

test('wherever the connection breaks, every row comes once and in order', async () => {
  for (let cut = 0; cut <= LENGTH; cut++) {
    assert.deepEqual(await all(served({ cuts: [cut] })), TEXTS, `cut at ${cut}`);
  }
});

test('however often it breaks, and whatever the chunks, every row comes once and in order', async () => {
  let seed = 20261121;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 200; round++) {
    const cuts = Array.from({ length: random(7) }, () => random(LENGTH));
    const chunk = 1 + random(300);
    assert.deepEqual(await all(served({ cuts, chunk })), TEXTS, `cuts at ${cuts}, chunks of ${chunk}`);
  }
});

test('an end of the body without the record is no end', async () => {
  const half = () => new Response(`${TEXTS[0]}\n${TEXTS[1].slice(0, 9)}`, { headers: { 'Content-Type': 'application/x-ndjson' } });
  const server = served({ answers: [half] });
  assert.deepEqual(await all(server), TEXTS);
  assert.equal(server.exports[1].after, JSON.stringify(ROWS[0].key));
});

test('a row that looks like the end record is a row', async () => {
  const rows = [1, 2].map((id) => ({ key: [String(id)], json: `{"_end":{"rows":${id}},"id":${id}}` }));
  const dataset = { name: 'things', columns: [{ name: '_end', jsonName: '_end', type: 'jsonb' }, COLUMNS[1]], key: ['id'] };
  const length = Buffer.byteLength(served({}, dataset, rows).text({ format: 'ndjson', end: 'true' }));
  for (let cut = 0; cut <= length; cut++) {
    assert.deepEqual(await all(served({ cuts: [cut] }, dataset, rows)), rows.map(({ json }) => json));
  }
});

test('another count than the server sent is an error', async () => {
  const wrong = () => new Response(`${TEXTS[0]}\n{"_end":{"rows":2}}\n`, { headers: { 'Content-Type': 'application/x-ndjson' } });
  const { error } = await failed(served({ answers: [wrong] }));
  assert.equal(error.code, 'count_mismatch');
});

test('after a break only the rest of the limit is asked for', async () => {
  const length = Buffer.byteLength(`${TEXTS.slice(0, 3).join('\n')}\n{"_end":{"rows":3}}\n`);
  for (let cut = 0; cut <= length; cut++) {
    assert.deepEqual(await all(served({ cuts: [cut] }), { limit: 3 }), TEXTS.slice(0, 3), `cut at ${cut}`);
  }
  const server = served({ cuts: [Buffer.byteLength(`${TEXTS[0]}\n`) + 3] });
  await all(server, { limit: 3 });
  assert.deepEqual(server.exports.map(({ limit }) => limit), ['3', '2']);
});

test('an offset is skipped once', async () => {
  const server = served({ cuts: [0, Buffer.byteLength(`${TEXTS[1]}\n`) + 3] });
  assert.deepEqual(await all(server, { offset: 1 }), TEXTS.slice(1));
  assert.deepEqual(server.exports.map(({ offset }) => offset), ['1', '1', undefined]);
});

test('a start of the caller\u2019s own is kept until rows have come', async () => {
  const server = served({ cuts: [4] });
  assert.deepEqual(await all(server, { after: ['2026-01-01T00:00:00.000001+00:00', 9007199254740993n] }), TEXTS.slice(2));
});

test('keys keep the very text of their values', async () => {
  const columns = ['n"\u00e9', 'number', 'text', 'truth', 'document'].map((name) => ({ name, jsonName: name, type: 'numeric' }));
  columns.at(-1).type = 'jsonb';
  const dataset = { name: 'things', columns, key: columns.map(({ name }) => name) };
  const json = '{"number":1.10,"n\\"\u00e9":-12345678901234567890.123000,"text":"a\\u0000\\"\\\\b\\n[","truth":true,"document":{"a": [1, "}"]}}';
  const key = ['-12345678901234567890.123000', '1.10', 'a\0"\\b\n[', 'true', '{"a": [1, "}"]}'];
  const rows = [{ key, json }, { key: ['x'], json: '{}' }];
  const server = served({ cuts: [Buffer.byteLength(json) + 2] }, dataset, rows);
  assert.deepEqual(await all(server), [json, '{}']);
});

test('a row of megabytes with a million escapes is read like any other', async () => {
  const json = `{"facts":"${'\\"\\\\'.repeat(1_000_000)}","createdAt":"infinity","id":1}`;
  const rows = [{ key: ['infinity', '1'], json }, ROWS[1]];
  const server = served({ cuts: [json.length + 2], chunk: 65536 }, DATASET, rows);
  assert.equal((await all(server)).length, 2);
});

for (const [why, dataset, options] of [
  ['the dataset has no key', { ...DATASET, key: [] }, {}],
  ['the query has an order of its own', DATASET, { order: 'id.desc' }],
  ['its key (created_at, id) is not among the selected columns', DATASET, { select: ['id', 'facts'] }],
  ['JSON has no text of "facts" (integer[])', { ...DATASET, key: ['facts'], columns: [{ ...COLUMNS[2], type: 'integer[]' }] }, {}],
]) {
  test(`it says why it cannot go on: ${why}`, async () => {
    const server = served({ cuts: [Buffer.byteLength(`${TEXTS[0]}\n`) + 3] }, dataset);
    const { rows, error } = await failed(server, options);
    assert.deepEqual(rows, TEXTS.slice(0, 1));
    assert.ok(error instanceof ExportError);
    assert.equal(error.code, 'not_resumable');
    assert.equal(error.rows, 1);
    assert.ok(error.message.includes(why), error.message);
    assert.ok(error.cause instanceof Error);
  });
}

test('an order does not matter before the first row has come', async () => {
  assert.deepEqual(await all(served({ cuts: [0, 5] }), { order: ['id.desc'] }), TEXTS);
});

test('a selection may name the key in any form', async () => {
  for (const select of ['*', 'facts,*', '"created_at",id', ['id', 'created_at']]) {
    assert.deepEqual(await all(served({ cuts: [LENGTH - 2] }), { select }), TEXTS);
  }
});

test('the catalogue is asked only after a break, and leafed through', async () => {
  const server = served({});
  await all(server);
  assert.ok(!server.asked.some(({ isCatalogue }) => isCatalogue));
  const pages = [{ datasets: [{ name: 'a', columns: [], key: [] }], next: 'a' }, { datasets: [DATASET], next: null }];
  const broken = served({ cuts: [LENGTH - 2] });
  const fetch = (url, init) => (url.includes('api/export?') ? Response.json(pages.shift()) : broken.fetch(url, init));
  assert.deepEqual(await all(broken, { fetch }), TEXTS);
  assert.equal(pages.length, 0);
});

test('it gives up after so many failures in a row, and a new row counts as none', async () => {
  const line = Buffer.byteLength(`${TEXTS[0]}\n`) + 1;
  const attempts = [];
  const onRetry = ({ attempt }) => attempts.push(attempt);
  const { rows, error } = await failed(served({ cuts: [0, 0, line, 0, 0, 0] }), { retries: 3, onRetry });
  assert.deepEqual(rows, TEXTS.slice(0, 1));
  assert.deepEqual(attempts, [1, 2, 1, 2, 3]);
  assert.equal(error.code, 'broken');
});

test('a server that is not there is tried again, and then told', async () => {
  const fetch = async () => {
    throw new TypeError('fetch failed');
  };
  const { error } = await failed(served({}), { fetch, retries: 2 });
  assert.equal(error.code, 'unreachable');
  assert.ok(error.cause instanceof TypeError);
});

function problem(status, code, headers = {}) {
  return () => Response.json({ title: 'No', detail: 'Because.', status, code }, { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });
}

test('an error of the request is told at once, in the server\u2019s words', async () => {
  for (const [status, code] of [[400, 'unknown_column'], [404, 'not_found'], [500, 'query_failed'], [504, 'query_timeout']]) {
    const server = served({ answers: [problem(status, code)] });
    const { error } = await failed(server);
    assert.deepEqual([error.code, error.status, error.problem.detail, error.message], [code, status, 'Because.', 'No: Because.']);
    assert.equal(server.exports.length, 1);
  }
});

test('a busy server is asked again when it says', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const [status, header, least] of [[429, '7', 7000], [503, new Date(Date.now() + 9500).toUTCString(), 8000], [503, null, 50], [502, null, 50]]) {
    const answer = problem(status, 'busy', header === null ? {} : { 'Retry-After': header });
    const delays = [];
    const onRetry = ({ delay, error }) => {
      assert.equal(error.status, status);
      delays.push(delay);
      setImmediate(() => t.mock.timers.tick(delay + 1));
    };
    assert.deepEqual(await all(served({ answers: [answer, answer] }), { backoff: 100, onRetry }), TEXTS);
    assert.equal(delays.length, 2);
    assert.ok(delays.every((delay) => delay >= least && delay <= least + 3000), `${status}: ${delays}`);
  }
});

test('the pause grows, within bounds, and is never the same for all', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const delays = [];
  const onRetry = ({ delay }) => {
    delays.push(delay);
    setImmediate(() => t.mock.timers.tick(delay + 1));
  };
  await failed(served({ cuts: Array(20).fill(0) }), { backoff: 1000, retries: 8, onRetry });
  const highest = [1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000];
  assert.ok(delays.every((delay, i) => delay >= highest[i] / 2 && delay <= highest[i]), `${delays}`);
  assert.ok(new Set(delays).size > 1);
});

test('who is told to wait for an hour is told so', async () => {
  const { error } = await failed(served({ answers: [problem(429, 'too_many_exports', { 'Retry-After': '3600' })] }));
  assert.deepEqual([error.code, error.retryAfter], ['too_many_exports', 3600]);
});

test('what something in between answers is no row', async () => {
  const page = () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } });
  const { error } = await failed(served({ cuts: [LENGTH - 2], answers: [page] }));
  assert.equal(error.code, 'not_an_export');
});

test('a token goes along, and a refused one is renewed once', async () => {
  const server = served({ answers: [problem(401, 'token_expired')] });
  const given = [];
  const token = async (refused) => given.push(refused) && `token-${given.length}`;
  assert.deepEqual(await all(server, { token }), TEXTS);
  assert.deepEqual(given, [undefined, 'token-1']);
  assert.deepEqual(server.asked.map(({ authorization }) => authorization), ['Bearer token-1', 'Bearer token-2']);
  const { error } = await failed(served({ answers: [problem(401, 'unauthorized'), problem(401, 'unauthorized')] }), { token });
  assert.equal(error.status, 401);
  assert.equal((await failed(served({ answers: [problem(401, 'unauthorized')] }), { token: 'x' })).error.status, 401);
});

test('a token that cannot be had for now is waited for, one that is refused is not', async () => {
  let asked = 0;
  const later = async () => {
    if (asked++ === 0) throw new TypeError('fetch failed');
    return 'x';
  };
  assert.deepEqual(await all(served({}), { token: later }), TEXTS);
  const never = async () => {
    throw Object.assign(new Error('signed out'), { status: 401 });
  };
  assert.equal((await failed(served({}), { token: never })).error.message, 'signed out');
});

test('nothing is asked before the first row is, and nothing is read ahead', async () => {
  const server = served({ chunk: 1000 });
  const one = exportRows('things', { baseUrl: BASE, fetch: server.fetch });
  assert.equal(server.asked.length, 0);
  await one.next();
  assert.equal(server.read, 1);
  await one.next();
  assert.equal(server.read, 1);
  await one.return();
});

test('leaving the loop ends the request', async () => {
  const server = served({ chunk: 60 });
  for await (const row of exportRows('things', { baseUrl: BASE, fetch: server.fetch })) {
    assert.ok(row);
    break;
  }
  assert.equal(server.aborted, 1);
});

test('leaving while a row is waited for ends the wait', { timeout: 10_000 }, async () => {
  const { promise, fetch } = stalled();
  const rows = exportRows('things', { baseUrl: BASE, fetch });
  const waiting = rows.next();
  await promise;
  assert.deepEqual(await rows.return(5), { done: true, value: 5 });
  assert.equal((await waiting).done, true);
});

test('a signal ends it with its reason, at any time', { timeout: 10_000 }, async () => {
  const reason = new Error('enough');
  const { promise, fetch } = stalled();
  const controller = new AbortController();
  const waiting = exportRows('things', { baseUrl: BASE, fetch, signal: controller.signal }).next();
  await promise;
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(exportRows('things', { baseUrl: BASE, fetch, signal: controller.signal }).next(), reason);
  const pausing = new AbortController();
  const onRetry = () => setImmediate(() => pausing.abort(reason));
  const { error } = await failed(served({ cuts: [0] }), { signal: pausing.signal, backoff: 60_000, onRetry });
  assert.equal(error, reason);
});

/** A server that never answers; `promise` tells when it has been asked. */
function stalled() {
  let told;
  const promise = new Promise((resolve) => (told = resolve));
  const fetch = (url, { signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      told();
    });
  return { promise, fetch };
}

test('a row that the caller cannot read ends the request', async () => {
  const server = served({ chunk: 60 });
  const parse = () => {
    throw new Error('unreadable');
  };
  await assert.rejects(exportRows('things', { baseUrl: BASE, fetch: server.fetch, parse }).next(), /unreadable/);
  assert.equal(server.aborted, 1);
});

test('the query is the dialect of the server', async () => {
  const server = served({});
  await all(server, {
    query: 'b=eq.1+2&limit=9',
    select: ['id', 'a,"b'],
    order: ['id.desc', 'a'],
    filters: { limit: 'eq.1', email: ['like.*x', 'neq.y'], or: '(a.eq.1,b.eq.2)' },
    parameters: { region: 'n&s' },
    limit: 5n,
  });
  const [{ address }] = server.asked;
  assert.deepEqual([...new URL(address).searchParams], [
    ['format', 'ndjson'],
    ['b', 'eq.1 2'],
    ['"limit"', 'eq.1'],
    ['"email"', 'like.*x'],
    ['"email"', 'neq.y'],
    ['or', '(a.eq.1,b.eq.2)'],
    ['region', 'n&s'],
    ['select', 'id,"a,""b"'],
    ['order', 'id.desc,a'],
    ['limit', '5'],
    ['end', 'true'],
  ]);
  assert.ok(address.startsWith('http://sluice.example/app/api/export/things?'));
});

test('a module that was not loaded from a server needs an address', () => {
  assert.throws(() => exportRows('things', {}), { code: 'invalid_option' });
});

