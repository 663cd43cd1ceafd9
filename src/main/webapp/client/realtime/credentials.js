/** The token that connections are made with: asked for when it is needed, and anew when the server has refused it. */
import { RealtimeError } from './errors.js';

export class Credentials {
  #token;
  #used = null;
  #refused;

  /** @param token a text, or a function that gives one; null for none */
  constructor(token) {
    this.#token = token;
  }

  /** The token for the next connection; rejects with `unauthorized` where there is none but the one that was refused. */
  async current() {
    const token = await this.#ask(this.#refused);
    if (this.#refused && token === this.#refused) throw new RealtimeError('unauthorized', 'The token was refused.');
    this.#used = token;
    return token;
  }

  /** The server has refused the one that was used. @returns {boolean} whether there may be another */
  refuse() {
    this.#refused = this.#used ?? undefined;
    return this.areAsked && this.#refused !== undefined;
  }

  /** The server has taken the one that was used, or another caller is there. */
  forgive() {
    this.#refused = undefined;
  }

  /** Whether there can be newer ones. */
  get areAsked() {
    return typeof this.#token === 'function';
  }

  /** One in place of another that will run out. */
  async newer(used) {
    const token = await this.#ask(used);
    if (token) this.#used = token;
    return token;
  }

  async #ask(refused) {
    return (this.areAsked ? await this.#token(refused) : this.#token) ?? null;
  }
}
