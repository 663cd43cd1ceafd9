/** Tells listeners of something by its name. What one of them throws is reported and keeps nothing from the others. */
export class Emitter {
  #listeners = new Map();

  /** @returns {() => void} ends it */
  on(name, listener) {
    const entry = { listener };
    const entries = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, entries.add(entry));
    return () => entries.delete(entry);
  }

  emit(name, ...values) {
    for (const { listener } of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...values);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** As the browser does it with what a listener of its own throws. */
function report(error) {
  if (globalThis.reportError) globalThis.reportError(error);
  else queueMicrotask(() => { throw error; });
}
