/** Talks to the server: addresses, the caller's token, and errors as the server's problem documents tell them. */

/** Where the application lies, whatever the context path. */
export const BASE = new URL('..', import.meta.url);

/** An answer that is not a success; see the error catalogue of the server for the codes. */
export class ApiError extends Error {
  constructor(status, { title = `HTTP ${status}`, detail = '', code = '' } = {}, retryAfter = null) {
    super(title);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export function address(path) {
  return new URL(path, BASE).href;
}

/** Sends a request without a token; rejects with an ApiError, or with the TypeError of fetch when nothing answers. */
export async function send(path, init = {}) {
  const response = await fetch(address(path), { cache: 'no-store', ...init });
  if (!response.ok) throw await problem(response);
  return response;
}

export async function postJson(path, body, headers = {}) {
  return send(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function problem(response) {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const retryAfter = Number.isNaN(seconds) ? null : seconds;
  const isProblem = (response.headers.get('Content-Type') ?? '').includes('json');
  const document = isProblem ? await response.json().catch(() => ({})) : {};
  return new ApiError(response.status, document ?? {}, retryAfter);
}

/** Requests in the name of whoever is signed in. */
export class Api {
  #session;

  constructor(session) {
    this.#session = session;
  }

  /** As the export client asks for it: a token in place of the one that was refused, if any was. */
  token = (refused) => (refused ? this.#session.renew(refused) : this.#session.token());

  /** As `send`, with the caller's token; one that the server no longer takes is renewed once. */
  async send(path, init = {}) {
    const token = await this.#session.token();
    try {
      return await send(path, authorized(init, token));
    } catch (error) {
      if (!token || error.status !== 401) throw error;
      return send(path, authorized(init, await this.#session.renew(token)));
    }
  }

  async json(path, init) {
    return (await this.send(path, init)).json();
  }
}

function authorized(init, token) {
  return token ? { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } } : init;
}
