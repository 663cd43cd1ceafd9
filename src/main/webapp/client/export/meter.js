/** The speed of the last moments, from a few samples. */

const WINDOW_MS = 3000;
const SAMPLE_MS = 200;

export class Meter {
  #samples;
  #now;

  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#samples = [{ at: now(), bytes: 0 }];
  }

  /** @returns {number} bytes per second */
  rate(bytes) {
    const at = this.#now();
    if (at - this.#samples.at(-1).at >= SAMPLE_MS) this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - this.#samples[1].at > WINDOW_MS) this.#samples.shift();
    const from = this.#samples[0];
    return at > from.at ? ((bytes - from.bytes) * 1000) / (at - from.at) : 0;
  }
}
