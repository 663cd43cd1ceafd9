/** Who is in a channel or a room, in the order of joining, and who of them types. Lists are replaced, never changed. */

/** The server ends it after 5 s; this is for those whose end does not arrive. */
const TYPING_MS = 15_000;

export class Members {
  #members = new Map();
  /** The list has the first hundred; this counts all. */
  count = 0;

  get list() {
    return [...this.#members].map(([userId, name]) => ({ userId, name }));
  }

  reset(members, count) {
    this.#members = new Map(members.map(({ userId, name }) => [userId, name]));
    this.count = count;
  }

  join({ userId, name }, count = this.count + (this.#members.has(userId) ? 0 : 1)) {
    this.#members.set(userId, name);
    this.count = count;
  }

  leave({ userId }, count = this.count - (this.#members.has(userId) ? 1 : 0)) {
    this.#members.delete(userId);
    this.count = count;
  }

  /** Above a hundred members the server tells several changes at once. */
  change({ joined, left, memberCount }) {
    left.forEach((member) => this.leave(member));
    joined.forEach((member) => this.join(member));
    this.count = memberCount;
  }
}

export class Typists {
  #timers = new Map();
  #changed;
  list = [];

  constructor(changed) {
    this.#changed = changed;
  }

  set({ userId, name, typing }) {
    clearTimeout(this.#timers.get(userId));
    this.#timers.delete(userId);
    const others = this.list.filter((one) => one.userId !== userId);
    if (!typing && others.length === this.list.length) return;
    this.list = typing ? [...others, { userId, name }] : others;
    if (typing) this.#timers.set(userId, setTimeout(() => this.set({ userId, name, typing: false }), TYPING_MS));
    this.#changed();
  }

  clear() {
    for (const { userId, name } of this.list) this.set({ userId, name, typing: false });
  }
}
