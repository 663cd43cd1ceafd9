/** A row as `JSON.parse` reads it: keys are the dataset's JSON names. */
export type Row = Record<string, unknown>;

export type Format = 'csv' | 'ndjson' | 'json';

/** The query, in the dialect of docs/reference/http.md. */
export interface ExportQuery {
  /** Any parameters as in the address: `select=id,email&limit=5`. The options below take the place of those. */
  query?: string | URLSearchParams | Iterable<[string, string]>;
  /** Columns in their order: an array of names, or a text as in the address. All without it. */
  select?: string[] | string;
  /** `created_at.desc`. Rows then come in another order than the key's, and a broken export cannot be continued. */
  order?: string[] | string;
  limit?: number | bigint;
  offset?: number | bigint;
  /** Only the rows after this key: its value, or the values of a key of several columns. */
  after?: string | number | bigint | Array<string | number | bigint>;
  /** Conditions by column: `{ email: 'like.*7@*', total: ['gte.5', 'lt.9'], or: '(id.eq.1,id.eq.2)' }`. */
  filters?: Record<string, string | string[]>;
  /** Values of parameters that the dataset declares. */
  parameters?: Record<string, string | number | boolean>;
}

/** CSV only; see docs/reference/http.md. */
export interface CsvOptions {
  header?: boolean;
  delimiter?: string;
  null?: string;
  excel?: boolean;
}

export interface ConnectionOptions {
  /** The application's address; without it the one this module was loaded from. */
  baseUrl?: string | URL;
  /**
   * An access token or API key. A function is asked before each request; when the server refuses its answer, it is
   * asked once more, with that answer, for another one.
   */
  token?: string | null | ((refused?: string) => string | null | undefined | Promise<string | null | undefined>);
  /** Ends it; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How often to try again without a new row in between. 8 without it; 0 for never. */
  retries?: number;
  /** Milliseconds before the first new attempt; twice as long each time, up to 15 s, with jitter. 500 without it. */
  backoff?: number;
  /** Told before each pause. `error` is what went wrong, `delay` the pause in milliseconds. */
  onRetry?: (attempt: { error: Error; attempt: number; delay: number; rows: number }) => void;
  /** In place of the global `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export interface RowsOptions<R = Row> extends ExportQuery, ConnectionOptions {
  /** In place of `JSON.parse`: gets a row's text. For numbers that a double does not hold, say. */
  parse?: (text: string) => R;
}

export interface ExportRows<R = Row> extends AsyncIterableIterator<R> {
  return(value?: unknown): Promise<IteratorResult<R>>;
  /** How often the export has gone on after a break, so far. */
  readonly resumed: number;
  /** The planner's guess, once the first answer has come. */
  readonly expectedRows: number | null;
}

/**
 * The rows of a dataset, each once and in order, however often the connection breaks. The iteration ends only when the
 * server's record has confirmed the count; every other end is an `ExportError`.
 */
export function exportRows<R = Row>(dataset: string, options?: RowsOptions<R>): ExportRows<R>;

export interface Progress {
  rows: number;
  bytes: number;
  /** Over the last three seconds. */
  bytesPerSecond: number;
  expectedRows: number | null;
  resumed: number;
}

export interface DownloadOptions extends ExportQuery, CsvOptions, ConnectionOptions {
  /** `csv` without it. */
  format?: Format;
  /** The dataset's name and the format without it. */
  fileName?: string;
  /**
   * Without it: to disk where the browser can, else to memory and from there to the browser's downloads. `link` is the
   * browser's own download, without a token. A WritableStream is closed when all is there and aborted when not.
   */
  to?: 'disk' | 'memory' | 'link' | FileSystemFileHandle | WritableStream<Uint8Array>;
  /** The most bytes to hold in memory. 256 MB without it. */
  memoryLimit?: number;
  /** Told after every block of about 64 KiB. */
  onProgress?: (progress: Progress) => void;
}

export interface Downloaded {
  /** Null for a link, as is `bytes`: only the browser knows. */
  rows: number | null;
  bytes: number | null;
  resumed: number;
  /** What proves that nothing is missing: the server's record of the count, or the connection's own end. */
  confirmed: 'end-record' | 'connection' | null;
  where: 'disk' | 'memory' | 'stream' | 'link';
}

/** A dataset as a file, whole or not at all. Call it in the click itself: only then the browser asks where to write. */
export function download(dataset: string, options?: DownloadOptions): Promise<Downloaded>;

/** The address of an export, for a link. */
export function exportUrl(
  dataset: string,
  options?: ExportQuery & CsvOptions & { format?: Format; baseUrl?: string | URL },
): string;

/** The dataset's name and the format, without what file systems refuse. */
export function exportFileName(dataset: string, format: Format): string;

/**
 * `code` is that of the server's problem document, or one of: `unreachable` (no answer), `broken` (the connection broke,
 * and new ones did not help), `not_resumable` (it broke and cannot be continued; the message says why), `count_mismatch`
 * (the server sent another number of rows than came), `not_an_export` (something else answered), `http_error` (a status
 * without a problem document), `too_large` (more than `memoryLimit`), `invalid_option`.
 */
export class ExportError extends Error {
  readonly code: string;
  readonly status: number | null;
  readonly problem: { type?: string; title?: string; status?: number; detail?: string; code?: string; requestId?: string } | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  /** Rows that had come until then. */
  readonly rows: number;
}

/** Whether `download` can write to disk while data come. */
export function canWriteToDisk(): boolean;

/** Bytes that `download` holds in memory at most, unless it is told otherwise. */
export const MEMORY_LIMIT: number;
