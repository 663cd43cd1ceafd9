/** One WebSocket from its opening to its end: requests with their answers, and whether the other side is still there. */
import { disconnected, RealtimeError } from './errors.js';

const OPENING_MS = 15_000;
const QUIET_MS = 25_000;
const PATIENCE_MS = 10_000;
const LOOK_MS = 5_000;

/** The browser's code for a connection that ended without a word. */
export const BROKEN = 1006;

export class Link {
  #socket;
  #told;
  #requests = new Map();
  #lastId = 0;
  #watch;
  #begun = Date.now();
  #heard = 0;
  #pinged = 0;

  /** @param told `open()`, `frame({ type, payload, ref })` and, once and last, `end(code, reason)` */
  constructor(socket, told) {
    this.#socket = socket;
    this.#told = told;
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code, reason }) => this.#end(code, reason);
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
  }

  /** The frame that answers; rejects with what the server says is wrong, or when the connection ends before. */
  request(type, payload) {
    if (!this.#isOpen()) return Promise.reject(disconnected());
    const id = String(++this.#lastId);
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ type, payload, id }));
    });
  }

  /** Nobody waits for an answer to this. */
  send(type, payload) {
    if (!this.#isOpen()) throw disconnected();
    this.#socket.send(JSON.stringify({ type, payload }));
  }

  close() {
    const socket = this.#socket;
    this.#end(1000, '');
    socket?.close(1000);
  }

  /** Asks for a sign of life at once: the network has changed, say. */
  probe() {
    if (this.#isOpen() && this.#pinged === 0) this.#ping();
  }

  #isOpen() {
    return this.#socket !== null && this.#heard > 0;
  }

  #open() {
    this.#heard = Date.now();
    this.#told.open();
  }

  #hear(data) {
    this.#heard = Date.now();
    this.#pinged = 0;
    const frame = JSON.parse(data);
    this.#answer(frame);
    this.#told.frame(frame);
  }

  #answer(frame) {
    const request = this.#requests.get(frame.ref);
    if (!request) return;
    this.#requests.delete(frame.ref);
    if (isError(frame)) request.reject(errorOf(frame));
    else request.resolve(frame);
  }

  /** Timers of pages in the background are late; so nobody is given up who was not asked before. */
  #look() {
    const now = Date.now();
    if (this.#heard === 0) {
      if (now - this.#begun > OPENING_MS) this.#giveUp();
    } else if (this.#pinged > 0) {
      if (now - this.#pinged >= PATIENCE_MS) this.#giveUp();
    } else if (now - this.#heard > QUIET_MS) {
      this.#ping();
    }
  }

  #ping() {
    this.#pinged = Date.now();
    this.#socket.send('{"type":"ping"}');
  }

  #giveUp() {
    const socket = this.#socket;
    this.#end(BROKEN, 'No sign of life');
    socket.close();
  }

  #end(code, reason) {
    if (this.#socket === null) return;
    Object.assign(this.#socket, { onopen: null, onmessage: null, onclose: null });
    this.#socket = null;
    clearInterval(this.#watch);
    for (const { reject } of this.#requests.values()) reject(disconnected());
    this.#requests.clear();
    this.#told.end(code, reason);
  }
}

export function isError({ type }) {
  return type === 'error' || type === 'chat:error';
}

export function errorOf({ payload }) {
  return new RealtimeError(payload.code, payload.message);
}
