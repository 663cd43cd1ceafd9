/**
 * A chat room as long as one is in it: joined again after every break, with what was said meanwhile. What it is, `value`,
 * is replaced by another object whenever it changes, and then `change` is told; `said` tells of each message that comes
 * live, `caughtUp` what became of what was missed.
 */
import { Emitter } from './emitter.js';
import { isTemporary } from './errors.js';
import { Messages } from './messages.js';
import { deletionsOf, messagesOf, readMissed } from './missed.js';
import { pauseAfter } from './pauses.js';
import { Members, Typists } from './people.js';

const TYPING_EVERY_MS = 3_000;

export class Room extends Emitter {
  #realtime;
  #name;
  #users = 0;
  #ownName;
  #askedName;
  #ends = [];
  #turn = 0;
  #failures = 0;
  #timer;
  #position = null;
  #isLive = false;
  /** Deleted while what was missed was being read. */
  #gone = new Set();
  #ownIds = new Set();
  #messages = new Messages();
  #members = new Members();
  #typists = new Typists(() => this.#change({ typing: this.#typists.list }));
  #typed = { typing: false, at: 0 };
  #value = {
    state: 'idle', error: null, name: null, userId: null, members: [], memberCount: 0, typing: [], messages: [],
  };

  /** Not for callers: ask a Realtime for one. */
  constructor(realtime, name) {
    super();
    this.#realtime = realtime;
    this.#name = name;
  }

  get name() {
    return this.#name;
  }

  get value() {
    return this.#value;
  }

  /**
   * Goes in, and stays in over every break, until all who have joined have left.
   *
   * @param name the account's without it
   * @returns {() => void} leaves
   */
  join({ name } = {}) {
    this.#ownName = name;
    if (this.#users++ === 0) this.#begin();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#users === 0) this.#end();
    };
  }

  /** Goes in once more under another name; where one is just going in, after that. */
  async rename(name) {
    this.#ownName = name;
    if (this.#value.state !== 'joined') return;
    await this.#realtime.request('chat:leave', { room: this.#name }).catch(() => {});
    if (this.#users > 0) this.#enter();
  }

  /** Says something. What becomes of it is told in its entry: `sending`, then `sent`, `failed` or `unknown`. */
  send(text) {
    this.#typed = { typing: false, at: 0 };
    const entry = this.#messages.add(this.#ownEntry(text));
    this.#post(entry);
  }

  /** Says once more what has failed. */
  sendAgain(key) {
    const entry = this.#messages.list.find((one) => one.key === key);
    if (!entry || entry.status === 'sent' || entry.status === 'sending') return;
    this.#messages.remove(key);
    this.send(entry.text);
  }

  /** Forgets what has failed. */
  discard(key) {
    this.#messages.remove(key);
    this.#changeMessages();
  }

  /** May be called for each key that is pressed. */
  setTyping(typing) {
    const now = Date.now();
    const isNews = typing !== this.#typed.typing || (typing && now - this.#typed.at > TYPING_EVERY_MS);
    if (!isNews || this.#value.state !== 'joined') return;
    this.#typed = { typing, at: now };
    this.#realtime.request('chat:typing', { room: this.#name, typing }).catch(() => {});
  }

  // -- In and out

  #begin() {
    this.#hears('chat:joined', (payload) => this.#joined(payload));
    this.#hears('chat:message', (payload) => this.#heard(payload));
    this.#hears('chat:message_deleted', ({ offset }) => this.#deleted(offset));
    this.#hears('chat:user_joined', (payload) => this.#changeMembers(() => this.#members.join(payload, payload.memberCount)));
    this.#hears('chat:user_left', (payload) => this.#left(payload));
    this.#hears('presence', (payload) => this.#changeMembers(() => this.#members.change(payload)));
    this.#hears('chat:typing', (payload) => this.#typists.set(payload));
    this.#hears('chat:error', (payload) => this.#putOut(payload));
    this.#ends.push(this.#realtime.on('status', ({ state }) => this.#follow(state)));
    this.#follow(this.#realtime.status.state);
  }

  /** Of all frames those that are about this room. */
  #hears(type, listener) {
    const mine = (payload) => {
      if (payload.room === this.#name) listener(payload);
    };
    this.#ends.push(this.#realtime.on(type, mine));
  }

  #end() {
    clearTimeout(this.#timer);
    this.#turn++;
    this.#ends.splice(0).forEach((off) => off());
    this.#realtime.request('chat:leave', { room: this.#name }).catch(() => {});
    this.#typists.clear();
    this.#position = null;
    this.#messages = new Messages();
    this.#change({ state: 'idle', error: null, messages: [], members: [], memberCount: 0 });
  }

  #follow(state) {
    if (state === 'connected') {
      this.#enter();
    } else if (this.#value.state !== 'joining') {
      this.#turn++;
      this.#isLive = false;
      this.#typists.clear();
      this.#change({ state: 'joining' });
    }
  }

  async #enter() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#isLive = false;
    this.#askedName = this.#ownName;
    this.#change({ state: 'joining', error: null });
    try {
      // What it answers is heard by #joined: the server may say so of its own accord as well.
      await this.#realtime.request('chat:join', { room: this.#name, name: this.#ownName });
    } catch (error) {
      if (turn === this.#turn && error.code !== 'disconnected') this.#refused(error);
    }
  }

  #refused(error) {
    if (isTemporary(error)) {
      const pause = pauseAfter(null, ++this.#failures, this.#realtime.backoff);
      this.#timer = setTimeout(() => this.#enter(), pause);
    } else {
      this.#change({ state: 'refused', error });
    }
  }

  async #joined(joined) {
    const turn = ++this.#turn;
    this.#failures = 0;
    this.#ownIds.add(joined.userId);
    this.#members.reset(joined.members, joined.memberCount);
    this.#change({
      state: 'joined', name: joined.name, userId: joined.userId,
      members: this.#members.list, memberCount: this.#members.count,
    });
    const caughtUp = this.#position ? await this.#catchUp(joined, turn) : this.#beginWith(joined);
    if (turn !== this.#turn) return;
    this.#settle(caughtUp);
    this.#position = { epoch: joined.epoch, offset: Math.max(joined.offset, this.#newest(joined.epoch)) };
    this.#isLive = true;
    this.#gone.clear();
    this.#changeMessages();
    if (caughtUp.wasAway) this.emit('caughtUp', caughtUp);
    if (this.#askedName !== this.#ownName) this.rename(this.#ownName);
  }

  #putOut(error) {
    if (error.code === 'lost') {
      this.#enter();
      return;
    }
    this.#turn++;
    this.#isLive = false;
    this.#change({ state: 'refused', error, members: [], memberCount: 0 });
  }

  // -- What was missed

  #beginWith({ epoch, history }) {
    history.forEach((message) => this.#insert(epoch, message));
    return { wasAway: false, recovered: true, messages: history.length, missing: 0, texts: [] };
  }

  /** @returns how many messages came, and how many are `missing`: null where nobody knows */
  async #catchUp(joined, turn) {
    const { epoch, offset } = this.#position;
    if (joined.epoch !== epoch) return this.#beginAnew(joined);
    const read = await readMissed((after, limit) => this.#history({ epoch, offset: after }, limit, turn), offset, joined.offset);
    if (turn !== this.#turn) return null;
    if (read === null) return this.#beginAnew(joined);
    const { publications, missing } = read;
    const messages = messagesOf(publications);
    const fresh = messages.filter(({ offset: at, userId }) => !this.#messages.find(epoch, at) && !this.#ownIds.has(userId));
    const mark = { epoch, offset: offset + 0.5 };
    if (missing > 0) this.#messages.add({ kind: 'missed', missing, ...mark });
    else if (fresh.length > 0) this.#messages.add({ kind: 'away', messages: fresh.length, ...mark });
    messages.forEach((message) => this.#insert(epoch, message));
    deletionsOf(publications).forEach((one) => this.#deleted(one));
    return { wasAway: true, recovered: missing === 0, messages: fresh.length, missing, texts: this.#ownTexts(messages) };
  }

  /** Of another history, or of this one and nothing else to be had, the newest; between them may have been more. */
  #beginAnew({ epoch, offset, history }) {
    const fresh = history.filter((message) => !this.#messages.find(epoch, message.offset));
    const first = fresh[0]?.offset ?? offset + 1;
    this.#messages.add({ kind: 'missed', missing: null, epoch, offset: first - 0.5 });
    fresh.forEach((message) => this.#insert(epoch, message));
    return { wasAway: true, recovered: false, messages: fresh.length, missing: null, texts: this.#ownTexts(fresh) };
  }

  async #history(since, limit, turn) {
    const request = { channel: `room:${this.#name}`, since, limit };
    const answer = await this.#realtime.request('history', request).catch(() => null);
    return turn === this.#turn && answer ? answer.publications : null;
  }

  #ownTexts(messages) {
    return messages.filter(({ userId }) => this.#ownIds.has(userId)).map(({ text }) => text);
  }

  /** What was on its way when the connection broke: it has arrived, or it has not, or nobody knows. */
  #settle({ recovered, texts }) {
    for (const { key, status, text } of this.#messages.list) {
      if (status !== 'unknown') continue;
      const place = texts.indexOf(text);
      if (place >= 0) {
        texts.splice(place, 1);
        this.#messages.remove(key);
      } else if (recovered) {
        this.#messages.change(key, { status: 'failed', error: 'The connection broke before it arrived.' });
      }
    }
  }

  // -- Messages

  #ownEntry(text) {
    const { name, userId } = this.#value;
    return { kind: 'message', from: name ?? '', userId, text, ts: Date.now(), isMine: true, status: 'sending', error: null };
  }

  async #post({ key, text }) {
    this.#changeMessages();
    const isConnected = this.#realtime.status.state === 'connected';
    try {
      const { epoch, offset } = await this.#realtime.request('chat:message', { room: this.#name, text });
      this.#acknowledged(key, epoch, offset);
    } catch ({ code, message }) {
      const isOnItsWay = isConnected && code === 'disconnected';
      const error = code === 'disconnected' ? 'There is no connection.' : message;
      this.#messages.change(key, isOnItsWay ? { status: 'unknown' } : { status: 'failed', error });
    }
    this.#changeMessages();
  }

  #acknowledged(key, epoch, offset) {
    const entry = this.#messages.list.find((one) => one.key === key);
    if (!entry || entry.status === 'sent') return;
    if (this.#messages.find(epoch, offset)) this.#messages.remove(key);
    else this.#messages.change(key, { status: 'sent', epoch, offset });
  }

  #heard(message) {
    const { epoch } = this.#position ?? {};
    this.#typists.set({ ...message, typing: false });
    if (epoch === undefined) return;
    const isNew = this.#insert(epoch, message);
    if (this.#isLive) this.#position = { epoch, offset: Math.max(this.#position.offset, message.offset) };
    this.#changeMessages();
    if (isNew) this.emit('said', message);
  }

  /** One's own, as it comes back, takes the place of what was sent. */
  #insert(epoch, { offset, from, userId, text, ts }) {
    if (this.#messages.find(epoch, offset) || this.#gone.has(offset)) return false;
    const isMine = this.#ownIds.has(userId);
    const told = { kind: 'message', epoch, offset, from, userId, text, ts, isMine, status: 'sent', error: null };
    const sent = isMine && this.#messages.list.find((one) => one.status === 'sending' && one.text === text);
    if (sent) this.#messages.change(sent.key, told);
    else this.#messages.add(told);
    return true;
  }

  #deleted(offset) {
    const found = this.#messages.find(this.#position?.epoch, offset);
    if (found) this.#messages.change(found.key, { kind: 'deleted', text: '' });
    if (!this.#isLive) this.#gone.add(offset);
    this.#changeMessages();
  }

  #newest(epoch) {
    return Math.max(0, ...this.#messages.list.filter((one) => one.epoch === epoch).map(({ offset }) => Math.floor(offset)));
  }

  // -- Members

  #left(payload) {
    this.#typists.set({ ...payload, typing: false });
    this.#changeMembers(() => this.#members.leave(payload, payload.memberCount));
  }

  #changeMembers(change) {
    change();
    this.#change({ members: this.#members.list, memberCount: this.#members.count });
  }

  #changeMessages() {
    this.#change({ messages: this.#messages.list });
  }

  #change(change) {
    this.#value = { ...this.#value, ...change };
    this.emit('change', this.#value);
  }
}
