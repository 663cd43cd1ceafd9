import { Meter } from './meter.js';
import { exportFileName, exportUrl, MEDIA_TYPES } from './query.js';
import { follow, openSink } from './sinks.js';
import { ExportError } from './errors.js';
import { ExportStream } from './stream.js';

/**
 * A dataset as a file, whole or not at all. To be called in the click itself: only then the browser asks where to write.
 *
 * @returns what has come, once all of it is kept; rejects when it is discarded
 */
export async function download(dataset, options = {}) {
  const { format = 'csv', to, fileName = exportFileName(dataset, format), memoryLimit, onProgress = () => {} } = options;
  if (to === 'link') return followed(dataset, { ...options, format }, fileName);
  const stream = new ExportStream(dataset, format, options);
  const sink = await openSink(to, fileName, MEDIA_TYPES[format], memoryLimit);
  await move(stream, sink, onProgress);
  const { rows, bytes, resumed } = stream;
  return { rows, bytes, resumed, confirmed: format === 'ndjson' ? 'end-record' : 'connection', where: sink.where };
}

/** The browser's own download tells how it goes, and when it breaks; it can neither sign in nor go on. */
function followed(dataset, options, fileName) {
  if (options.token) throw new ExportError('invalid_option', 'A link carries no token.');
  follow(exportUrl(dataset, options), fileName);
  return { rows: null, bytes: null, resumed: 0, confirmed: null, where: 'link' };
}

async function move(stream, sink, onProgress) {
  const meter = new Meter();
  try {
    for await (const block of stream.blocks()) {
      await sink.write(block);
      onProgress(progress(stream, meter));
    }
    await sink.keep();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function progress({ rows, bytes, expectedRows, resumed }, meter) {
  return { rows, bytes, bytesPerSecond: meter.rate(bytes), expectedRows, resumed };
}
