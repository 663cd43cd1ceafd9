import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokenDownloadError, download } from '../../main/webapp/assets/download.js';

const encoder = new TextEncoder();

class MemoryOfSink {
  text = '';
  ended = [];
  #decoder = new TextDecoder();

  async write(chunk) {
    this.text += this.#decoder.decode(chunk, { stream: true });
  }
  async keep() {
    this.ended.push('kept');
  }
  async discard() {
    this.ended.push('discarded');
  }
}

/** A response that sends the parts and then ends, or fails. */
function response(parts, failure) {
  const left = [...parts];
  const body = new ReadableStream({
    pull(controller) {
      if (left.length > 0) controller.enqueue(encoder.encode(left.shift()));
      else if (failure) controller.error(failure);
      else controller.close();
    },
  });
  return { body };
}

function run(sink, answer, format = 'ndjson', onProgress = () => {}) {
  return download({ response: answer, sink, format, header: true, onProgress });
}

test('a complete download is kept, once, without the end record', async () => {
  const sink = new MemoryOfSink();
  const seen = [];
  const done = await run(sink, response(['{"a":1}\n{"a"', ':2}\n{"_end":{"rows":2}}\n']), 'ndjson', (p) => seen.push(p));
  assert.deepEqual(done, { rows: 2, bytes: 16 });
  assert.equal(sink.text, '{"a":1}\n{"a":2}\n');
  assert.deepEqual(sink.ended, ['kept']);
  assert.equal(seen.length, 2);
});

test('a connection that is cut is told as broken, and nothing is kept', async () => {
  const sink = new MemoryOfSink();
  await assert.rejects(run(sink, response(['a\n1\n'], new TypeError('network error')), 'csv'), BrokenDownloadError);
  assert.deepEqual(sink.ended, ['discarded']);
});

test('NDJSON that ends without its record is broken', async () => {
  const sink = new MemoryOfSink();
  await assert.rejects(run(sink, response(['{"a":1}\n'])), BrokenDownloadError);
  assert.deepEqual(sink.ended, ['discarded']);
});

test('a cancel is a cancel, not a break', async () => {
  const sink = new MemoryOfSink();
  const abort = new DOMException('aborted', 'AbortError');
  await assert.rejects(run(sink, response(['a\n'], abort), 'csv'), { name: 'AbortError' });
  assert.deepEqual(sink.ended, ['discarded']);
});

test('a disk that is full ends the request too', async () => {
  const sink = new MemoryOfSink();
  sink.write = async () => {
    throw new Error('full');
  };
  let cancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(encoder.encode('a\n')),
    cancel: () => {
      cancelled = true;
    },
  });
  await assert.rejects(run(sink, { body }, 'csv'), /full/);
  assert.ok(cancelled);
  assert.deepEqual(sink.ended, ['discarded']);
});
