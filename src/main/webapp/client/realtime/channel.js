/**
 * A channel as long as somebody listens to it: subscribed once on the server however many listeners there are, and again
 * after every break, from where it was. Tells `message` of each publication once and in order; what it is, `value`, is
 * replaced by another object whenever it changes, and then `change` is told.
 */
import { Emitter } from './emitter.js';
import { isTemporary } from './errors.js';
import { pauseAfter } from './pauses.js';
import { Members, Typists } from './people.js';

/** The server ends it after 5 s. */
const TYPING_EVERY_MS = 3_000;

export class Channel extends Emitter {
  #realtime;
  #name;
  #token;
  #listeners = 0;
  #ends = [];
  #turn = 0;
  #failures = 0;
  #timer;
  #position = null;
  #isBehind = false;
  #watchesPresence = false;
  #members = new Members();
  #typists = new Typists(() => this.#change({ typing: this.#typists.list }));
  #typed = { typing: false, at: 0 };
  #value = { state: 'idle', recovered: null, error: null, members: [], memberCount: 0, typing: [] };

  /** Not for callers: ask a Realtime for one. */
  constructor(realtime, name, { token } = {}) {
    super();
    this.#realtime = realtime;
    this.#name = name;
    this.#token = token;
  }

  get name() {
    return this.#name;
  }

  get value() {
    return this.#value;
  }

  /** The newest publication that was told: `{ epoch, offset }`; null before the first subscription. */
  get position() {
    return this.#position;
  }

  /**
   * @param listener gets `{ data, event, offset }` of every publication from now on
   * @param since go on after this position, if nobody listens yet
   * @returns {() => void} ends it
   */
  listen(listener = () => {}, { since = null } = {}) {
    const off = this.on('message', listener);
    if (this.#listeners++ === 0) this.#begin(since);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      off();
      if (--this.#listeners === 0) this.#end();
    };
  }

  publish(data, event) {
    return this.#realtime.publish(this.#name, data, event);
  }

  /** Keeps `members` and `memberCount` from now on, while somebody listens. */
  watchPresence() {
    this.#watchesPresence = true;
    if (this.#value.state === 'subscribed') this.#askPresence();
  }

  /** May be called for each key that is pressed. */
  setTyping(typing) {
    const now = Date.now();
    const isNews = typing !== this.#typed.typing || (typing && now - this.#typed.at > TYPING_EVERY_MS);
    if (!isNews) return;
    this.#typed = { typing, at: now };
    this.#realtime.request('channel:typing', { channel: this.#name, typing }).catch(() => {});
  }

  #begin(since) {
    this.#position = since;
    this.#isBehind = since !== null;
    this.#hears('status', ({ state }) => this.#follow(state));
    this.#hears('channel:message', (payload) => this.#told(payload));
    this.#hears('channel:unsubscribed', (payload) => this.#unsubscribed(payload));
    this.#hears('presence:join', (payload) => this.#changeMembers(() => this.#members.join(payload)));
    this.#hears('presence:leave', (payload) => this.#left(payload));
    this.#hears('presence', (payload, { ref }) => {
      if (ref === undefined) this.#changeMembers(() => this.#members.change(payload));
    });
    this.#hears('typing', (payload) => this.#typists.set(payload));
    this.#follow(this.#realtime.status.state);
  }

  /** Of all frames those that are about this channel. */
  #hears(type, listener) {
    const mine = (payload, frame) => {
      if (type === 'status' || payload.channel === this.#name) listener(payload, frame);
    };
    this.#ends.push(this.#realtime.on(type, mine));
  }

  #end() {
    clearTimeout(this.#timer);
    this.#turn++;
    this.#ends.splice(0).forEach((off) => off());
    this.#realtime.request('channel:unsubscribe', { channel: this.#name }).catch(() => {});
    this.#typists.clear();
    this.#change({ state: 'idle', error: null });
  }

  #follow(state) {
    if (state === 'connected') this.#subscribe();
    else if (this.#value.state !== 'subscribing') this.#change({ state: 'subscribing' });
  }

  /** @param isLost whether what came before cannot be had any more */
  async #subscribe(isLost = false) {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#change({ state: 'subscribing', error: null });
    const since = this.#isBehind ? this.#position : undefined;
    try {
      const token = await this.#token?.(this.#name);
      if (turn !== this.#turn) return;
      const answer = await this.#realtime.request('channel:subscribe', { channel: this.#name, token, since });
      if (turn === this.#turn) this.#subscribed(answer, since !== undefined || isLost);
    } catch (error) {
      if (turn === this.#turn && error.code !== 'disconnected') this.#refused(error, isLost);
    }
  }

  #subscribed({ epoch, offset, recovered, publications }, wasBehind) {
    this.#failures = 0;
    publications.forEach((publication) => this.#tell(publication));
    this.#position = epoch === undefined ? null : { epoch, offset };
    this.#isBehind = this.#position !== null;
    this.#change({ state: 'subscribed', recovered: wasBehind ? recovered : null });
    if (this.#watchesPresence) this.#askPresence();
  }

  /** Where the position belongs to a history that is gone, the server lets one in without it. */
  #refused(error, isLost) {
    if (error.code === 'unrecoverable_position' && this.#isBehind) {
      this.#isBehind = false;
      this.#subscribe(true);
    } else if (isTemporary(error)) {
      const pause = pauseAfter(null, ++this.#failures, this.#realtime.backoff);
      this.#timer = setTimeout(() => this.#subscribe(isLost), pause);
    } else {
      this.#change({ state: 'refused', error });
    }
  }

  #told(publication) {
    this.#tell(publication);
    if (this.#position) this.#position = { ...this.#position, offset: publication.offset };
  }

  #tell({ data, event, offset }) {
    this.emit('message', { data, event, offset });
  }

  #unsubscribed({ reason }) {
    if (reason === 'client') return;
    if (reason === 'lost' || (reason === 'expired' && this.#token)) this.#subscribe();
    else this.#change({ state: 'refused', error: { code: reason, message: `The server ended it: ${reason}.` } });
  }

  async #askPresence() {
    const presence = await this.#realtime.request('presence:get', { channel: this.#name }).catch(() => null);
    if (presence) this.#changeMembers(() => this.#members.reset(presence.members, presence.memberCount));
  }

  #left(payload) {
    this.#typists.set({ ...payload, typing: false });
    this.#changeMembers(() => this.#members.leave(payload));
  }

  #changeMembers(change) {
    if (!this.#watchesPresence) return;
    change();
    this.#change({ members: this.#members.list, memberCount: this.#members.count });
  }

  #change(change) {
    this.#value = { ...this.#value, ...change };
    this.emit('change', this.#value);
  }
}
