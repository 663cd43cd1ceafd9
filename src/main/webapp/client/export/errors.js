/** What can go wrong, in two kinds: what ends an export, and what a new connection may cure. */

/** An export that did not come to its end. */
export class ExportError extends Error {
  name = 'ExportError';

  /**
   * @param code of the server's problem document where there is one, else one of those that export.d.ts lists
   * @param details `status` of HTTP, the `problem` document, `retryAfter` in seconds, `rows` delivered until then, `cause`
   */
  constructor(code, message, { status = null, problem = null, retryAfter = null, rows = 0, cause } = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
    this.rows = rows;
  }
}

/** The connection ended before its answer did, or there was none. Not for callers: it becomes an ExportError. */
export class Interruption extends Error {
  /** @param code `unreachable`, where there was no answer, or `broken` */
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }
}

const BUSY = new Set([429, 502, 503, 504]);

/** Whether the same request may well succeed in a moment. A query that is too slow once is so again. */
export function isPassing(error) {
  if (error instanceof Interruption) return true;
  return BUSY.has(error?.status) && error.code !== 'query_timeout';
}

/** The error that an answer other than a success stands for. */
export async function refusal(response) {
  const { status, statusText } = response;
  const problem = await problemOf(response);
  const message = [problem?.title ?? `HTTP ${status} ${statusText}`.trim(), problem?.detail].filter(Boolean).join(': ');
  const retryAfter = seconds(response.headers.get('Retry-After'));
  return new ExportError(problem?.code ?? 'http_error', message, { status, problem, retryAfter });
}

async function problemOf(response) {
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) {
    await response.body?.cancel().catch(() => {});
    return null;
  }
  return response.json().catch(() => null);
}

/** RFC 9110, section 10.2.3: a number of seconds, or a date. */
function seconds(header) {
  if (header === null) return null;
  const number = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(number) ? null : Math.max(0, Math.ceil(number));
}
