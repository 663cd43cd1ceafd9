/** The line that says how it stands with the connection, and after a break what became of what was missed. */
import { byId, show } from './dom.js';
import { count } from './format.js';

const TICK_MS = 250;

const REASONS = {
  1001: 'The server is going down.',
  1008: 'The server saw too many errors.',
  1009: 'A message was too large for the server.',
  1011: 'The server made a mistake.',
  1013: 'The server is full.',
  3008: 'This page read too slowly.',
  4001: 'The sign-in has ended.',
};

export class LinkView {
  #realtime;
  #signIn;
  #joinedRooms;
  #wasConnected = false;
  /** What is known of each room since the last break, null at first. */
  #news = new Map();
  #timer;

  /**
   * @param signIn opens what one signs in with
   * @param joinedRooms the names of those one is in; asked before these hear of the break
   */
  constructor(realtime, signIn, joinedRooms) {
    this.#realtime = realtime;
    this.#signIn = signIn;
    this.#joinedRooms = joinedRooms;
    realtime.on('status', (status) => this.#show(status));
  }

  /** What a room tells after a break; a break is over for each of them at its own time. */
  caughtUp(room, { recovered, messages, missing }) {
    if (!this.#news.has(room)) return;
    this.#news.set(room, { room, recovered, messages, missing });
    this.#tell();
  }

  #show(status) {
    clearInterval(this.#timer);
    const { state } = status;
    byId('link').dataset.state = state;
    byId('link-state').textContent = this.#state(status);
    byId('link-when').textContent = '';
    const button = byId('link-retry');
    show(button, state === 'waiting' || state === 'refused');
    button.textContent = state === 'refused' ? 'Sign in' : 'Try now';
    button.onclick = () => (state === 'refused' ? this.#signIn() : this.#realtime.retry());
    if (state === 'waiting') this.#count(status.retryAt);
    if (state === 'connected') this.#connected();
    else this.#lost(status);
  }

  #state({ state, lost }) {
    if (state === 'connected') return this.#wasConnected ? 'Connected again' : 'Connected';
    if (state === 'connecting') return this.#wasConnected ? 'Connecting again' : 'Connecting';
    if (state === 'refused') return lost?.code === 4001 && this.#wasConnected ? REASONS[4001] : 'Sign in to chat.';
    return `${this.#wasConnected ? 'Connection lost.' : 'There is no connection.'} ${REASONS[lost?.code] ?? ''}`.trim();
  }

  /** Not for screen readers, which would read every second of it. */
  #count(retryAt) {
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
      byId('link-when').textContent = `Trying again in ${seconds} s.`;
    };
    tick();
    this.#timer = setInterval(tick, TICK_MS);
  }

  #lost({ state }) {
    if (state === 'connecting') return;
    const joined = this.#joinedRooms();
    if (joined.length > 0) this.#news = new Map(joined.map((room) => [room, null]));
    byId('link-news').textContent = '';
    delete byId('link').dataset.recovered;
    const more = state === 'waiting' ? ' Trying again by itself.' : '';
    byId('link-spoken').textContent = byId('link-state').textContent + more;
  }

  #connected() {
    if (!this.#wasConnected) byId('link-spoken').textContent = 'Connected';
    this.#wasConnected = true;
  }

  #tell() {
    const news = [...this.#news.values()];
    if (news.includes(null)) return;
    const text = inWords(news);
    byId('link-news').textContent = text;
    byId('link').dataset.recovered = news.every(({ recovered }) => recovered);
    byId('link-spoken').textContent = `${byId('link-state').textContent}. ${text}`;
  }
}

/** @param news of each room: `recovered`, `messages` that came, entries that are `missing` (null: nobody knows) */
export function inWords(news) {
  const gaps = news.filter(({ recovered }) => !recovered);
  const messages = news.reduce((sum, one) => sum + one.messages, 0);
  const came = messages === 0 ? '' : messages === 1 ? 'One message that was missed is here.' : `${count(messages)} messages that were missed are here.`;
  if (gaps.length === 0) return came || 'Nothing was missed.';
  const where = gaps.map(({ room }) => room).join(', ');
  return [came, `Not everything could be recovered in ${where}.`].filter(Boolean).join(' ');
}
