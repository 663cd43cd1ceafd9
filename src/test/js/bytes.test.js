import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndRecord, LineSplitter, rowCounter } from '../../main/webapp/assets/bytes.js';

const encoder = new TextEncoder();
const TEXT = '{"a":"\u00e9\u{1f30a}"}\n\n{"b":"\u65e5\u672c"}\r\n{"c":1}\n';

/** The bytes of a text in chunks of one size. */
function* chunks(text, size) {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Every way of cutting a short text in three. */
function* cuts(text) {
  const bytes = encoder.encode(text);
  for (let a = 0; a <= bytes.length; a++) {
    for (let b = a; b <= bytes.length; b++) yield [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)];
  }
}

test('lines come out whole wherever the chunks end, inside a character too', () => {
  const expected = TEXT.split('\n').slice(0, -1);
  for (const parts of cuts(TEXT)) {
    const splitter = new LineSplitter();
    assert.deepEqual([...parts.flatMap((part) => splitter.push(part)), ...splitter.end()], expected);
  }
});

test('a last line without its end is given at the end', () => {
  const splitter = new LineSplitter();
  assert.deepEqual(splitter.push(encoder.encode('a\nb')), ['a']);
  assert.deepEqual(splitter.end(), ['b']);
});

test('bytes that are not UTF-8 are an error, no guess', () => {
  assert.throws(() => new LineSplitter().push(Uint8Array.of(0xc3, 0x0a)));
});

test('a line is kept when the caller reuses its chunk', () => {
  const splitter = new LineSplitter();
  const chunk = encoder.encode('ab');
  splitter.push(chunk);
  chunk.fill(0x78);
  assert.deepEqual(splitter.push(encoder.encode('c\n')), ['abc']);
});

test('CSV rows are counted, not the lines inside their values', () => {
  const text = 'a,b\n1,"two\nlines, ""quoted""\n"\n2,x\n';
  for (const parts of cuts(text)) {
    const counter = rowCounter('csv');
    parts.forEach((part) => counter.push(part));
    assert.equal(counter.rows, 2);
  }
  const headless = rowCounter('csv', { header: false });
  headless.push(encoder.encode('1,2\n3,4\n'));
  assert.equal(headless.rows, 2);
});

test('a header alone is no row', () => {
  const counter = rowCounter('csv');
  assert.equal(counter.rows, 0);
  counter.push(encoder.encode('a,b\n'));
  assert.equal(counter.rows, 0);
});

test('an array has a row on each line, an empty one none', () => {
  for (const [text, rows] of [['[]\n', 0], ['[{}]\n', 1], ['[{"a":1},\n{"a":2}]\n', 2]]) {
    const counter = rowCounter('json');
    for (const chunk of chunks(text, 2)) counter.push(chunk);
    assert.equal(counter.rows, rows);
  }
});

function through(parts) {
  const record = new EndRecord();
  const counter = rowCounter('ndjson');
  const written = parts.flatMap((part) => record.push(part)).map((piece) => Uint8Array.from(piece));
  written.forEach((piece) => counter.push(piece));
  return { text: Buffer.concat(written).toString(), complete: record.confirms(counter.rows) };
}

test('the end record proves the count and stays out of the file, wherever the chunks end', () => {
  const rows = '{"a":1}\n{"a":"\u00e9"}\n';
  for (const parts of cuts(`${rows}{"_end":{"rows":2}}\n`)) {
    assert.deepEqual(through(parts), { text: rows, complete: true });
  }
});

test('no rows and an end record make an empty, complete file', () => {
  assert.deepEqual(through([...chunks('{"_end":{"rows":0}}\n', 3)]), { text: '', complete: true });
});

test('a stream without its record, with half of it, or with another count is not complete', () => {
  for (const text of [
    '',
    '{"a":1}\n',
    '{"a":1}\n{"_end":{"rows":1}}',
    '{"a":1}\n{"_end":{"rows":2}}\n',
    '{"a":1}\n{"_end":{"ro',
    '{"_end":{"rows":1}}\n{"a":1}\n',
  ]) {
    assert.equal(through([...chunks(text, 5)]).complete, false, text);
  }
});
