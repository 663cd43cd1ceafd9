import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curlLine } from '../../main/webapp/assets/curl.js';
import { duration, megabytes, rows } from '../../main/webapp/assets/format.js';
import { cellText } from '../../main/webapp/assets/table.js';
import { explain } from '../../main/webapp/assets/words.js';

test('a curl line quotes what a shell would read otherwise', () => {
  assert.equal(curlLine('http://h:1/a.csv', 'a.csv', false), 'curl -f -o a.csv http://h:1/a.csv');
  assert.equal(
    curlLine('http://h/a?x=1&y=2', "it's.csv", true),
    `curl -f -o 'it'\\''s.csv' -H "Authorization: Bearer $TOKEN" 'http://h/a?x=1&y=2'`,
  );
});

test('numbers read as people write them', () => {
  assert.equal(rows(1), '1 row');
  assert.equal(rows(1_000_000), '1,000,000 rows');
  assert.equal(megabytes(98_412_345), '98.4 MB');
  assert.equal(duration(12.4), '12 ms');
  assert.equal(duration(2430), '2.4 s');
  assert.equal(duration(119_900), '2 min 0 s');
});

test('a cell shows null as null, and structures as JSON', () => {
  assert.equal(cellText(null), null);
  assert.equal(cellText(''), '');
  assert.equal(cellText({ a: [1, null] }), '{"a":[1,null]}');
});

test('errors are told with what to do', () => {
  assert.deepEqual(explain(new TypeError('Failed to fetch')).title, 'The server cannot be reached');
  const busy = explain({ status: 429, title: 'Too many', detail: 'Two run.', retryAfter: 2 });
  assert.match(busy.detail, /^Two run\. .*Try again in 2 seconds\.$/);
  assert.deepEqual(explain({ status: 400, title: 'T', detail: 'D' }), { title: 'T', detail: 'D' });
  const ofClient = { status: 404, message: 'T: D', problem: { title: 'T', detail: 'D' } };
  assert.deepEqual(explain(ofClient), { title: 'T', detail: 'D' });
  assert.equal(explain({ status: null, code: 'unreachable' }).title, 'The server cannot be reached');
  assert.equal(explain({ code: 'broken' }).title, 'The connection broke');
});
