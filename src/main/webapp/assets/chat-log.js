/** The messages of a room as a list that grows at its end. Whatever people wrote goes in as text. */
import { el } from './dom.js';
import { count } from './format.js';
import { KeyedList } from './keyed.js';

/** Closer to the end than that, one is at the end. */
const NEAR = 48;
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const FATES = { sending: 'Sending', unknown: 'The connection broke; it may not have arrived.', failed: 'Not sent.' };

export class Log {
  #room;
  #moderation;
  #scrolled;
  #shown = [];
  hasNews = false;
  element = el('ol', { className: 'log', tabIndex: 0, aria: { live: 'polite', relevant: 'additions' } });
  // The same element for the same entry: so nothing is read aloud twice.
  #list = new KeyedList(this.element, make, (element, message) => this.#dress(element, message));

  /** @param scrolled is told this log when it was scrolled, or has news */
  constructor(room, moderation, scrolled) {
    this.#room = room;
    this.#moderation = moderation;
    this.#scrolled = scrolled;
    this.element.setAttribute('role', 'log');
    this.element.setAttribute('aria-label', `Messages in ${room.name}`);
    this.element.onscroll = () => {
      if (this.isAtEnd) this.hasNews = false;
      scrolled(this);
    };
  }

  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.hasNews = false;
    this.#scrolled(this);
  }

  show(messages) {
    if (messages === this.#shown) return;
    const wasAtEnd = this.isAtEnd;
    const hadNone = this.#shown.length === 0;
    const isOwn = messages.at(-1)?.isMine && messages.at(-1).key !== this.#shown.at(-1)?.key;
    // What was said before one came is not read aloud.
    if (hadNone) this.element.setAttribute('aria-busy', 'true');
    this.#list.show(messages.map((message) => [message.key, message]));
    this.#shown = messages;
    if (hadNone) requestAnimationFrame(() => this.element.removeAttribute('aria-busy'));
    if (wasAtEnd || isOwn) this.toEnd();
    else this.hasNews = true;
  }

  /** For another caller, who may do other things. */
  redraw() {
    this.#list.refresh();
  }

  #dress(element, message) {
    if (message.kind === 'away' || message.kind === 'missed') return;
    element.dataset.status = message.kind === 'deleted' ? 'deleted' : message.status;
    element.toggleAttribute('data-mine', message.isMine);
    element.querySelector('.text').textContent = message.kind === 'deleted' ? 'Taken back by an admin' : message.text;
    element.querySelector('.by').replaceChildren(...this.#by(message));
    const isOpen = message.kind === 'message' && message.status !== 'sent';
    element.querySelector('.fate').replaceChildren(...(isOpen ? this.#fate(message) : []));
  }

  #by(message) {
    const { from, ts, kind, status } = message;
    const parts = [el('strong', {}, el('bdi', {}, from || 'Anonymous')), clock(ts)];
    if (kind === 'message' && status === 'sent' && this.#moderation.isOn) {
      parts.push(this.#moderation.deleteButton(this.#room.name, message));
    }
    return parts;
  }

  #fate({ key, status, error }) {
    const words = [FATES[status], status === 'failed' ? error : ''].filter(Boolean).join(' ');
    if (status === 'sending') return [words];
    const again = () => this.#room.sendAgain(key);
    const discard = () => this.#room.discard(key);
    return [
      el('span', {}, words),
      el('button', { type: 'button', onclick: again }, 'Send again'),
      el('button', { type: 'button', onclick: discard }, 'Discard'),
    ];
  }
}

function make({ kind, missing, messages }) {
  if (kind === 'away') return el('li', { className: 'mark' }, awayWords(messages));
  if (kind === 'missed') return el('li', { className: 'mark missed' }, missedWords(missing));
  return el('li', { className: 'message' }, el('p', { className: 'by' }), el('p', { className: 'text', dir: 'auto' }), el('p', { className: 'fate' }));
}

function awayWords(messages) {
  return messages === 1 ? 'One message came while the connection was gone:' : `${count(messages)} messages came while the connection was gone:`;
}

function missedWords(missing) {
  if (missing === null) return 'Something may be missing here: the history does not go back to where the connection broke.';
  return missing === 1 ? 'One message is missing here.' : `${count(missing)} messages are missing here.`;
}

/** Servers may publish in a room what they like, also as its time. */
function clock(ts) {
  const date = new Date(ts);
  if (Number.isNaN(date.getTime())) return el('time');
  const isToday = date.toDateString() === new Date().toDateString();
  return el('time', { dateTime: date.toISOString(), title: DAY.format(date) }, isToday ? TIME.format(date) : DAY.format(date));
}
