import { Interruption } from './errors.js';

/** What the catalogue says of a dataset; asked for when it is first needed. */
export class Entry {
  #connection;
  #name;
  #known = null;

  constructor(connection, name) {
    this.#connection = connection;
    this.#name = name;
  }

  async read() {
    this.#known ??= await this.#find();
    return this.#known;
  }

  /** Names are in order, and a beginning of this one comes shortly before it. */
  async #find() {
    for (let after = this.#name.slice(0, -1); after !== null; ) {
      const path = `api/export?${new URLSearchParams({ limit: 10, after })}`;
      const { datasets, next: following } = await body(await this.#connection.send(path, 'application/json'));
      const found = datasets.find(({ name }) => name === this.#name);
      if (found) return found;
      after = following;
    }
    return { key: [], columns: [] };
  }
}

async function body(response) {
  try {
    return await response.json();
  } catch (error) {
    throw new Interruption('broken', error);
  }
}
