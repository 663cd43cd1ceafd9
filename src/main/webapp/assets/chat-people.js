/** Who is in a room, and who types. */
import { byId, el, show } from './dom.js';
import { count } from './format.js';
import { KeyedList } from './keyed.js';

export class People {
  #moderation;
  #list = new KeyedList(byId('members'), (member) => this.#make(member), (item, member) => this.#update(item, member));

  constructor(moderation) {
    this.#moderation = moderation;
  }

  show({ state, members, memberCount, userId }) {
    byId('members').toggleAttribute('data-stale', state !== 'joined');
    this.#list.show(members.map((member) => [member.userId, { ...member, isOwn: member.userId === userId }]));
    const rest = memberCount - members.length;
    byId('more-members').textContent = rest > 0 ? `and ${count(rest)} more` : '';
    this.#moderation.showMuted(members);
  }

  #make({ userId }) {
    const mute = this.#moderation.muteButton(userId, () => item.querySelector('bdi').textContent);
    const item = el('li', {}, el('span', {}, el('bdi', {}), el('small', {}, ' you')), mute);
    return item;
  }

  #update(item, { userId, name, isOwn }) {
    const { isOn } = this.#moderation;
    item.querySelector('bdi').textContent = name || 'Anonymous';
    item.toggleAttribute('data-own', isOwn);
    show(item.querySelector('small'), isOwn);
    show(item.querySelector('button'), isOn && !isOwn && !this.#moderation.isMuted(userId));
  }
}

export function typingLine(typing) {
  const names = typing.map(({ name }) => name || 'Anonymous');
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing`;
  return names.length === 2 ? `${names[0]} and ${names[1]} are typing` : `${names.length} people are typing`;
}
