/**
 * Who is signed in. The access token lives in this page's memory alone; the refresh token is a cookie no script can
 * read. All tabs share one sign-in: they renew one at a time, and tell each other the outcome.
 */
import { postJson } from './api.js';

const HINT = 'sluice.signed-in';
const LOCK = 'sluice.session';
const EARLY_MS = 30_000;
const NOBODY = { token: null, expiresAt: 0, user: null };

export class Session extends EventTarget {
  #state = NOBODY;
  #tabs = new BroadcastChannel('sluice.session');

  constructor() {
    super();
    this.#tabs.onmessage = ({ data }) => this.#adopt(data);
  }

  get user() {
    return this.#state.user;
  }

  /** Takes up an earlier sign-in. Without one nothing is asked of the server. */
  async start() {
    if (localStorage.getItem(HINT)) await this.renew(null).catch(() => {});
  }

  async signIn(email, password) {
    this.#tell(received(await (await postJson('api/auth/login', { email, password })).json()));
  }

  async signOut() {
    // One that has expired could not sign out, and the cookie would outlive the sign-out.
    const token = await this.token().catch(() => null);
    this.#tell(NOBODY);
    if (token) await postJson('api/auth/logout', {}, { Authorization: `Bearer ${token}` }).catch(() => {});
  }

  /** A token with some life left; null when nobody is signed in. */
  async token() {
    const { token, expiresAt } = this.#state;
    return token && Date.now() > expiresAt - EARLY_MS ? this.renew(token) : token;
  }

  /** Replaces a token that is used up, unless another tab, or another request of this one, has done so meanwhile. */
  async renew(used) {
    return inTurn(async () => {
      if (this.#state.token === used) await this.#refresh();
      return this.#state.token;
    });
  }

  async #refresh() {
    try {
      this.#tell(received(await (await postJson('api/auth/refresh', {})).json()));
    } catch (error) {
      if (error.status === 401 || error.status === 403) this.#tell(NOBODY);
      throw error;
    }
  }

  #tell(state) {
    if (state.token) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
    this.#tabs.postMessage(state);
    this.#adopt(state);
  }

  #adopt(state) {
    const another = state.user?.id !== this.#state.user?.id;
    this.#state = state;
    if (another) this.dispatchEvent(new Event('change'));
  }
}

function received({ accessToken, expiresIn, user }) {
  return { token: accessToken, expiresAt: Date.now() + expiresIn * 1000, user };
}

let last = Promise.resolve();

/**
 * Web Locks exist in secure contexts only. Elsewhere a page queues for itself, and between tabs the server's grace for
 * a rotated token has to do.
 */
function inTurn(work) {
  if (navigator.locks) return navigator.locks.request(LOCK, work);
  last = last.then(work, work);
  return last;
}
