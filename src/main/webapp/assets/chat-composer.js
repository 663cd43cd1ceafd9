/** Where one writes: Enter sends, Shift and Enter begin a new line. */
import { byId } from './dom.js';

/** Code points, as the server counts, that are still left when that is told. */
const FEW = 200;

export class Composer {
  onSend = () => {};
  onTyping = () => {};
  #form = byId('composer');
  #input = byId('text');
  #most = 2000;

  constructor() {
    this.#input.oninput = () => this.#changed();
    this.#input.onkeydown = (event) => this.#key(event);
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    this.#count();
  }

  get text() {
    return this.#input.value;
  }

  set text(text) {
    this.#input.value = text;
    this.#count();
  }

  /** How many code points a text may have. */
  set most(most) {
    this.#most = most;
    this.#count();
  }

  #key(event) {
    const sends = event.key === 'Enter' && !event.shiftKey && !event.isComposing;
    if (!sends) return;
    event.preventDefault();
    this.#send();
  }

  #changed() {
    this.#count();
    this.onTyping(this.text.trim() !== '');
  }

  #count() {
    const left = this.#most - [...this.text].length;
    byId('text-left').textContent = words(left);
    byId('send').disabled = left < 0;
  }

  #send() {
    const { text } = this;
    if (text.trim() === '' || byId('send').disabled) return;
    this.text = '';
    this.onSend(text);
    this.#input.focus();
  }
}

function words(left) {
  if (left < 0) return `${characters(-left)} too many`;
  return left <= FEW ? `${characters(left)} left` : '';
}

function characters(number) {
  return number === 1 ? '1 character' : `${number} characters`;
}
