/** WebSockets without a network, whose other side is played by a test. Used by tests alone. */

export class ScriptedSockets {
  /** All that were opened, in their order. */
  made = [];

  /** For `new Realtime({ WebSocket })`. */
  get WebSocket() {
    const { made } = this;
    return class extends ScriptedSocket {
      constructor(url) {
        super(url);
        made.push(this);
      }
    };
  }

  /** The one that is opened as number `count`, once it is there. */
  async next(count = this.made.length + 1) {
    await until(() => this.made.length >= count);
    return this.made[count - 1];
  }
}

class ScriptedSocket {
  sent = [];
  closedWith = null;
  #read = 0;

  constructor(url) {
    this.url = url;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closedWith = code ?? 1005;
  }

  open() {
    this.onopen();
  }

  /** The server says something; whoever waits for it has gone on when this is over. */
  async say(type, payload, ref) {
    this.onmessage?.({ data: JSON.stringify({ type, payload, ts: 1, ref }) });
    await turn();
  }

  async drop(code = 1006, reason = '') {
    this.onclose?.({ code, reason });
    await turn();
  }

  /** The client's next message, which must be of this type. */
  async heard(type) {
    await until(() => this.sent.length > this.#read);
    const message = this.sent[this.#read++];
    if (message.type !== type) throw new Error(`expected ${type}, not ${JSON.stringify(message)}`);
    return message;
  }

  /** Answers the client's next message, which must be of this type; gives its payload. */
  async answer(type, replyType, payload) {
    const message = await this.heard(type);
    await this.say(replyType, payload, message.id);
    return message.payload;
  }

  /** Messages that were not looked at yet. */
  get unread() {
    return this.sent.slice(this.#read);
  }

  /** Opens, and greets as a server that lets guests in. */
  async welcome(userId = 'guest-1') {
    this.open();
    await this.say('connected', { userId, connectionId: 'c' });
    await this.answer('ping', 'pong', {});
  }
}

export function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function until(condition, patience = 10_000) {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
