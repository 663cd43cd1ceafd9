/**
 * Exports for programs and pages: every row exactly once, in order, however often the connection breaks. Runs in
 * browsers and in Node 18 or newer; an ES module without dependencies. The types beside it (export.d.ts) say what each
 * option does.
 */
import { download } from './export/download.js';
import { ExportError } from './export/errors.js';
import { exportFileName, exportUrl } from './export/query.js';
import { exportRows } from './export/rows.js';
import { canWriteToDisk, MEMORY_LIMIT } from './export/sinks.js';

export { canWriteToDisk, download, ExportError, exportFileName, exportRows, exportUrl, MEMORY_LIMIT };
