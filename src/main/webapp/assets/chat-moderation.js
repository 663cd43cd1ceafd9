/** What admins do in a room: take messages back, and mute who misbehaves. The server decides who may. */
import { byId, el, show } from './dom.js';
import { KeyedList } from './keyed.js';
import { explain } from './words.js';

const MUTE_SECONDS = 3600;
/** So long a button waits to be pressed once more. */
const SURE_MS = 5000;

export class Moderation {
  isOn = false;
  muted = [];
  #api;
  #changed;
  #room = '';
  #list = new KeyedList(byId('muted').querySelector('ul'), (one) => this.#make(one), update);

  /** @param changed is told when another one is muted */
  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
  }

  /** From now on of this room. */
  async look(room) {
    this.#room = room;
    this.#refuse(null);
    this.#take([]);
    if (this.isOn) await this.#load();
  }

  isMuted(userId) {
    return this.muted.some((one) => one.userId === userId);
  }

  /** Deleting is for ever, so it takes two presses. */
  deleteButton(room, { offset, from }) {
    const button = el('button', { type: 'button', className: 'plain', aria: { label: `Delete the message of ${from}` } }, 'Delete');
    let isSure = false;
    button.onclick = async () => {
      if (isSure) {
        button.disabled = !(await this.#ask(this.#path(room, `messages/${offset}`), { method: 'DELETE' }));
        return;
      }
      isSure = true;
      button.textContent = 'Delete for all?';
      setTimeout(() => {
        isSure = false;
        button.textContent = 'Delete';
      }, SURE_MS);
    };
    return button;
  }

  /** @param name gives the name as it is when the button is pressed */
  muteButton(userId, name) {
    const button = el('button', { type: 'button', className: 'plain', title: 'For an hour, in this room' }, 'Mute');
    button.onfocus = () => button.setAttribute('aria-label', `Mute ${name()}`);
    button.onclick = () => this.#mute(userId, name());
    return button;
  }

  showMuted(members) {
    show(byId('muted'), this.isOn && this.muted.length > 0);
    const names = new Map(members.map(({ userId, name }) => [userId, name]));
    this.#list.show(this.muted.map((one) => [one.userId, { ...one, name: one.name ?? names.get(one.userId) ?? one.userId }]));
  }

  #make({ userId }) {
    const onclick = () => this.#unmute(userId);
    return el('li', {}, el('bdi', {}), el('button', { type: 'button', className: 'plain', onclick }, 'Let speak'));
  }

  async #mute(userId, name) {
    const body = JSON.stringify({ userId, seconds: MUTE_SECONDS });
    const headers = { 'Content-Type': 'application/json' };
    if (await this.#ask(this.#path(this.#room, 'mutes'), { method: 'POST', headers, body })) {
      this.#take([...this.muted.filter((one) => one.userId !== userId), { userId, name }]);
    }
  }

  async #unmute(userId) {
    const path = `${this.#path(this.#room, 'mutes')}?userId=${encodeURIComponent(userId)}`;
    if (await this.#ask(path, { method: 'DELETE' })) this.#take(this.muted.filter((one) => one.userId !== userId));
  }

  async #load() {
    const room = this.#room;
    const answer = await this.#ask(this.#path(room, 'mutes'), {});
    if (answer && room === this.#room) this.#take((await answer.json()).mutes);
  }

  #path(room, rest) {
    return `api/rooms/${encodeURIComponent(room)}/${rest}`;
  }

  /** The answer; null when the server refused, which is said. */
  async #ask(path, init) {
    try {
      const answer = await this.#api.send(path, init);
      this.#refuse(null);
      return answer;
    } catch (error) {
      this.#refuse(error);
      return null;
    }
  }

  #refuse(error) {
    const { title, detail } = error ? explain(error) : { title: '', detail: '' };
    byId('refusal').replaceChildren(el('strong', {}, title), detail);
    show(byId('refusal'), error !== null);
  }

  #take(muted) {
    this.muted = muted;
    this.#changed();
  }
}

/** Their names are known when they are in the room. */
function update(item, { name }) {
  item.querySelector('bdi').textContent = name;
  item.querySelector('button').setAttribute('aria-label', `Let ${name} speak`);
}
