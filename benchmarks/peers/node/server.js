/**
 * Exports as Node programs do them: rows through pg-query-stream, and COPY's own text through pg-copy-streams. Each at
 * its best: a large batch, one write for many rows, backpressure all the way. `?sql=` is the query. For benchmarks alone.
 */
import { pipeline, Transform } from 'node:stream';
import express from 'express';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import QueryStream from 'pg-query-stream';

const CHUNK = 64 * 1024;
const BATCH = 1000;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
const app = express();

app.get('/query.ndjson', (request, response) => rows(request, response, (row) => `${JSON.stringify(row)}\n`));
app.get('/query.csv', (request, response) => rows(request, response, (row) => `${Object.values(row).map(cell).join(',')}\n`));
app.get('/copy.csv', async (request, response) => {
  const client = await pool.connect();
  const source = client.query(copyTo(`COPY (${request.query.sql}) TO STDOUT (FORMAT csv, HEADER)`));
  response.type('text/csv');
  pipeline(source, response, (error) => client.release(error));
});

async function rows(request, response, text) {
  const client = await pool.connect();
  const source = client.query(new QueryStream(request.query.sql, [], { batchSize: BATCH, highWaterMark: BATCH }));
  pipeline(source, new Lines(text), response, (error) => client.release(error));
}

/** Objects in, chunks of lines out. */
class Lines extends Transform {
  #text;
  #lines = '';

  constructor(text) {
    super({ writableObjectMode: true, writableHighWaterMark: BATCH, readableHighWaterMark: CHUNK });
    this.#text = text;
  }

  _transform(row, encoding, done) {
    this.#lines += this.#text(row);
    if (this.#lines.length < CHUNK) return done();
    const chunk = this.#lines;
    this.#lines = '';
    return done(null, chunk);
  }

  _flush(done) {
    done(null, this.#lines);
  }
}

function cell(value) {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : plain(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function plain(value) {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const server = app.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${server.address().port}`));
