/**
 * What is said in a room, as a list that is replaced, never changed: messages in the order of their offsets, marks where
 * something was missed, and at the end what has not arrived on the server. Of long talks the newest are kept.
 */
const KEPT = 500;

export class Messages {
  list = [];
  #lastKey = 0;

  /** @param entry without a key; `epoch` and `offset` say where it belongs, those without come last */
  add(entry) {
    const added = { key: ++this.#lastKey, ...entry };
    const list = [...this.list];
    list.splice(this.#placeOf(added), 0, added);
    this.list = list.slice(-KEPT);
    return added;
  }

  /** @returns what is there under this offset */
  find(epoch, offset) {
    return this.list.find((one) => one.epoch === epoch && one.offset === offset);
  }

  /** Replaces an entry by one that differs in this, and puts it in its place. */
  change(key, difference) {
    const entry = this.list.find((one) => one.key === key);
    if (!entry) return;
    this.remove(key);
    const list = [...this.list];
    const changed = { ...entry, ...difference };
    list.splice(this.#placeOf(changed), 0, changed);
    this.list = list;
  }

  remove(key) {
    this.list = this.list.filter((one) => one.key !== key);
  }

  /** Behind the last one that it does not come before; what has no place of its own, behind all. */
  #placeOf({ epoch, offset, key }) {
    if (offset === undefined) return this.#among(({ offset: other, key: otherKey }) => other !== undefined || otherKey < key);
    return this.#among((one) => one.offset !== undefined && (one.epoch !== epoch || one.offset <= offset));
  }

  #among(isBefore) {
    for (let place = this.list.length; place > 0; place--) {
      if (isBefore(this.list[place - 1])) return place;
    }
    return 0;
  }
}
