/**
 * A connection that comes back: one WebSocket at a time, with the caller's token, for all channels and rooms of a page.
 * What it is doing is `status`, which is replaced by another object whenever it changes.
 */
import { Channel } from './channel.js';
import { Credentials } from './credentials.js';
import { Emitter } from './emitter.js';
import { disconnected, RealtimeError } from './errors.js';
import { BROKEN, isError, Link } from './link.js';
import { pauseAfter } from './pauses.js';
import { protocolOf } from './protocols.js';
import { Room } from './room.js';

const UNAUTHORIZED = 4001;
/** A connection that lasted so long was a good one: the next pause is short again. */
const GOOD_MS = 10_000;
/** Before a token runs out; and after a newer one could not be had. */
const EARLY_MS = 30_000;
const AGAIN_MS = 10_000;
const SHORTEST_MS = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const WAITING_MOST = 100;

export class Realtime extends Emitter {
  #url;
  #protocol;
  #credentials;
  #backoff;
  #WebSocket;
  #status = { state: 'closed', userId: null, retryAt: null, lost: null };
  #link = null;
  #greeting = null;
  #enteredAt = 0;
  #failures = 0;
  #timer;
  #refreshing;
  #waiting = [];
  #channels = new Map();
  #rooms = new Map();
  #unwatch = () => {};

  constructor({ url = 'ws', baseUrl, token = null, backoff = 500, WebSocket = globalThis.WebSocket } = {}) {
    super();
    this.#url = socketUrl(url, baseUrl);
    this.#protocol = protocolOf(this.#url);
    this.#credentials = new Credentials(token);
    this.#backoff = backoff;
    this.#WebSocket = WebSocket;
  }

  get status() {
    return this.#status;
  }

  /** Not for callers: how long to wait before what failed for the first time is tried again, in milliseconds. */
  get backoff() {
    return this.#backoff;
  }

  connect() {
    if (this.#status.state !== 'closed') return;
    this.#failures = 0;
    this.#unwatch = watchNetwork(() => this.#networkIsBack());
    this.#open();
  }

  close() {
    if (this.#status.state === 'closed') return;
    this.#unwatch();
    this.#drop();
    this.#become({ state: 'closed', lost: null });
    this.#letGo();
  }

  /** Another caller: what was said by the old one's token is over. */
  reconnect() {
    if (this.#status.state === 'closed') return;
    this.#drop();
    this.#failures = 0;
    this.#credentials.forgive();
    this.#open();
  }

  /** Does not wait any longer. */
  retry() {
    const { state } = this.#status;
    if (state === 'waiting' || state === 'refused') this.#open();
  }

  /** The same object for the same name. */
  channel(name, options) {
    return cached(this.#channels, name, () => new Channel(this, name, options));
  }

  /** The same object for the same name. */
  room(name) {
    return cached(this.#rooms, name, () => new Room(this, name));
  }

  /** The payload of the answer. Rejects at once without a connection; code `disconnected` when it broke on the way. */
  async request(type, payload) {
    if (this.#status.state !== 'connected') throw disconnected();
    return (await this.#protocol.request(this.#link, type, payload)).payload;
  }

  /**
   * Publishes, once there is a connection. It is sent once: when the connection breaks before the answer, nobody knows
   * whether it was published, and this rejects with `disconnected`.
   */
  async publish(channel, data, event) {
    await this.#connected();
    return this.request('channel:publish', { channel, data, event });
  }

  #connected() {
    const { state } = this.#status;
    if (state === 'connected') return Promise.resolve();
    if (state === 'closed' || state === 'refused') return Promise.reject(disconnected());
    if (this.#waiting.length >= WAITING_MOST) {
      return Promise.reject(new RealtimeError('too_many_waiting', `${WAITING_MOST} publications wait for a connection.`));
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async #open() {
    clearTimeout(this.#timer);
    this.#become({ state: 'connecting' });
    const attempt = (this.#link = new Attempt());
    try {
      const token = await this.#credentials.current();
      if (this.#link === attempt) this.#dial(token);
    } catch (error) {
      if (this.#link === attempt) this.#noToken(error);
    }
  }

  /** Tokens often come over the same network; only the word of who gives them counts. */
  #noToken(error) {
    const isRefused = error.status === 401 || error.status === 403 || error.code === 'unauthorized';
    this.#ended(isRefused ? UNAUTHORIZED : BROKEN, isRefused ? 'Unauthorized' : String(error.message), isRefused);
  }

  #dial(token) {
    this.#greeting = null;
    const link = new Link(new this.#WebSocket(this.#url), {
      open: () => this.#enter(link, token),
      frame: (frame) => this.#hear(link, frame),
      end: (code, reason) => {
        if (this.#link === link) this.#ended(code, reason);
      },
    });
    this.#link = link;
  }

  async #enter(link, token) {
    try {
      const identity = await this.#protocol.enter(link, token, () => this.#greeting);
      this.#credentials.forgive();
      this.#enteredAt = Date.now();
      this.#become({ state: 'connected', userId: identity.userId, lost: null });
      this.#keepFresh(link, token);
      this.#waiting.splice(0).forEach(({ resolve }) => resolve());
    } catch (error) {
      // Where the connection has ended, that is told already.
      if (this.#link === link && error.code !== 'disconnected') this.#refuse(error);
    }
  }

  #refuse({ code, message }) {
    const isRefused = code === 'unauthorized';
    this.#drop();
    this.#ended(isRefused ? UNAUTHORIZED : BROKEN, message, isRefused);
  }

  #hear(link, received) {
    const frame = this.#protocol.read(received);
    if (frame.type === 'connected') this.#greeting = frame.payload;
    if (isError(frame) && frame.ref === undefined && this.#status.state === 'connecting') this.#refuse(frame.payload);
    else this.emit(frame.type, frame.payload, frame);
  }

  /** @param isRefused whether the caller has to do something about it first */
  #ended(code, reason, isRefused = false) {
    clearTimeout(this.#refreshing);
    this.#link = null;
    const lost = { code, reason };
    if (isRefused || (code === UNAUTHORIZED && !this.#credentials.refuse())) {
      this.#become({ state: 'refused', userId: null, lost });
      this.#letGo();
      return;
    }
    const isGood = this.#enteredAt > 0 && Date.now() - this.#enteredAt > GOOD_MS;
    this.#failures = isGood ? 1 : this.#failures + 1;
    this.#enteredAt = 0;
    const pause = pauseAfter(code, this.#failures, this.#backoff);
    this.#timer = setTimeout(() => this.#open(), pause);
    this.#become({ state: 'waiting', retryAt: Date.now() + pause, lost });
  }

  /** The server says how long a token lasts by its own clock. */
  async #keepFresh(link, token) {
    if (!token || !this.#credentials.areAsked) return;
    const { expiresIn } = await this.request('refresh', { token }).catch(() => ({}));
    if (expiresIn === undefined || this.#link !== link) return;
    const pause = Math.max(expiresIn * 1000 - EARLY_MS, expiresIn * 500, SHORTEST_MS);
    this.#refreshing = setTimeout(() => this.#renew(link, token), Math.min(pause, LONGEST_TIMER_MS));
  }

  async #renew(link, token) {
    try {
      const newer = await this.#credentials.newer(token);
      if (this.#link === link) this.#keepFresh(link, newer);
    } catch {
      if (this.#link === link) this.#refreshing = setTimeout(() => this.#renew(link, token), AGAIN_MS);
    }
  }

  /** Ends what there is, without a word to anybody. */
  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#refreshing);
    const link = this.#link;
    this.#link = null;
    link?.close();
  }

  #letGo() {
    this.#waiting.splice(0).forEach(({ reject }) => reject(disconnected()));
  }

  #networkIsBack() {
    this.retry();
    this.#link?.probe();
  }

  #become(change) {
    this.#status = { ...this.#status, retryAt: null, ...change };
    this.emit('status', this.#status);
  }
}

/** Stands where a connection will be while its token is fetched. */
class Attempt {
  close() {}
  probe() {}
}

function cached(map, name, make) {
  if (!map.has(name)) map.set(name, make());
  return map.get(name);
}

function socketUrl(url, baseUrl) {
  const base = baseUrl === undefined ? new URL('../../', import.meta.url) : new URL(baseUrl, globalThis.location?.href);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const made = new URL(url, base);
  made.protocol = made.protocol.replace('http', 'ws');
  if (!made.protocol.startsWith('ws')) {
    throw new RealtimeError('invalid_option', 'baseUrl is needed where this module was not loaded from the server.');
  }
  return made.href;
}

/** Browsers tell when the network comes back; elsewhere there is nothing to listen to. */
function watchNetwork(back) {
  globalThis.addEventListener?.('online', back);
  return () => globalThis.removeEventListener?.('online', back);
}
