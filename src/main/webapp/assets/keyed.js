/** A list on the page that follows a list of data: what stays keeps its element, with the focus it may have. */
export class KeyedList {
  #element;
  #make;
  #update;
  #known = new Map();

  /**
   * @param make gives the element of a new item
   * @param update brings an element up to its item; only called for items that are not the same object as before
   */
  constructor(element, make, update = () => {}) {
    this.#element = element;
    this.#make = make;
    this.#update = update;
  }

  /** @param entries pairs of a key and an item, in their order */
  show(entries) {
    const keys = new Set(entries.map(([key]) => key));
    for (const [key, { element }] of this.#known) {
      if (!keys.has(key)) this.#drop(key, element);
    }
    let place = this.#element.firstChild;
    for (const [key, item] of entries) {
      const element = this.#follow(key, item);
      if (element === place) place = place.nextSibling;
      else this.#element.insertBefore(element, place);
    }
  }

  /** Brings all up to their items, for what lies outside of these. */
  refresh() {
    for (const { element, item } of this.#known.values()) this.#update(element, item);
  }

  #drop(key, element) {
    this.#known.delete(key);
    element.remove();
  }

  #follow(key, item) {
    const known = this.#known.get(key);
    if (known && known.item === item) return known.element;
    const element = known?.element ?? this.#make(item);
    this.#known.set(key, { element, item });
    this.#update(element, item);
    return element;
  }
}
