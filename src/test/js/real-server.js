/**
 * Takes a dataset from a real server with the export client, and prints what came as one line of JSON. For tests in
 * Java: `node real-server.js rows|file URL OPTIONS`.
 */
import { createHash } from 'node:crypto';
import { download, exportRows } from '../../main/webapp/client/export.js';

const [what, baseUrl, options] = process.argv.slice(2);
const { dataset, ...rest } = JSON.parse(options);
const hash = createHash('sha256');
const common = { baseUrl, backoff: 20, ...rest };

async function rows() {
  const stream = exportRows(dataset, { ...common, parse: (text) => text });
  let count = 0;
  for await (const text of stream) {
    hash.update(`${text}\n`);
    count++;
  }
  return { rows: count, resumed: stream.resumed };
}

async function file() {
  const to = new WritableStream({ write: (chunk) => void hash.update(chunk) });
  const { rows: count, resumed } = await download(dataset, { ...common, to });
  return { rows: count, resumed };
}

try {
  const result = await (what === 'rows' ? rows() : file());
  console.log(JSON.stringify({ ...result, sha256: hash.digest('hex') }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message, cause: error.cause?.message }));
}
