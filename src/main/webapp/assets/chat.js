/** The chat page: rooms over one connection, and the room that is looked at. */
import { Realtime } from '../client/sluice.js';
import { Api } from './api.js';
import { Composer } from './chat-composer.js';
import { LinkView } from './chat-link.js';
import { Log } from './chat-log.js';
import { Moderation } from './chat-moderation.js';
import { People, typingLine } from './chat-people.js';
import { OpenRooms, storedName, storeName } from './chat-store.js';
import { byId, el, show } from './dom.js';
import { count } from './format.js';
import { KeyedList } from './keyed.js';
import { Session } from './session.js';
import { SignIn } from './signin.js';
import { readStats } from './status.js';

const TITLE = document.title;
const DEFAULT_ROOM = 'general';

const session = new Session();
const api = new Api(session);
const signIn = new SignIn(session);
const realtime = new Realtime({ token: api.token });
const moderation = new Moderation(api, () => drawPeople());
const people = new People(moderation);
const composer = new Composer();
const open = new OpenRooms();
/** What the page knows of each room it is in, by name. */
const tabs = new Map();
/** Those of them that have changed since they were drawn. */
const undrawn = new Set();
const link = new LinkView(realtime, () => signIn.open(), joinedRooms);
const roomList = new KeyedList(byId('rooms'), makeRoom, updateRoom);
let current = null;

await start();

async function start() {
  await session.start();
  session.addEventListener('change', callerChanged);
  byId('join').onsubmit = join;
  byId('name').onsubmit = rename;
  byId('name').elements.name.value = storedName();
  byId('leave').onclick = () => leave(current);
  byId('newer').onclick = () => current.log.toEnd();
  window.addEventListener('hashchange', fromHash);
  document.addEventListener('visibilitychange', () => seen());
  composer.onSend = (text) => current?.room.send(text);
  composer.onTyping = (isTyping) => current?.room.setTyping(isTyping);
  realtime.on('connected', limit);
  showCaller();
  for (const name of open.names) enter(name);
  fromHash();
  if (!current) look(enter(DEFAULT_ROOM));
  realtime.connect();
  if ((await readStats(api))?.demo) signIn.offerDemoAccounts();
}

/** As the server has it. */
function limit({ nameLength, textLength }) {
  composer.most = textLength;
  byId('name').elements.name.maxLength = nameLength;
  byId('join').elements.room.maxLength = nameLength;
}

// -- Who one is

function callerChanged() {
  showCaller();
  realtime.reconnect();
  for (const { room } of tabs.values()) room.rename(ownName());
}

function showCaller() {
  show(byId('name'), session.user === null);
  moderation.isOn = session.user?.roles?.includes('admin') ?? false;
  for (const { log } of tabs.values()) log.redraw();
  if (current) moderation.look(current.room.name);
}

/** A guest chooses one; the others have their account's. */
function ownName() {
  return session.user ? undefined : storedName() || undefined;
}

function rename(event) {
  event.preventDefault();
  storeName(byId('name').elements.name.value.trim());
  for (const { room } of tabs.values()) room.rename(ownName());
}

// -- Rooms

function join(event) {
  event.preventDefault();
  const { room } = event.target.elements;
  look(enter(room.value));
  room.value = '';
}

function enter(name) {
  if (tabs.has(name)) return tabs.get(name);
  const room = realtime.room(name);
  const log = new Log(room, moderation, scrolled);
  const tab = { room, log, unread: 0, draft: '', ends: [] };
  tabs.set(name, tab);
  byId('logs').append(log.element);
  tab.ends.push(room.on('change', () => changed(tab)), room.on('said', () => heard(tab, 1)));
  tab.ends.push(room.on('caughtUp', (what) => caughtUp(tab, what)), room.join({ name: ownName() }));
  open.add(name);
  return tab;
}

function leave(tab) {
  tabs.delete(tab.room.name);
  open.remove(tab.room.name);
  tab.ends.forEach((end) => end());
  tab.log.element.remove();
  current = null;
  look([...tabs.values()].at(-1) ?? enter(DEFAULT_ROOM));
}

function fromHash() {
  const name = decoded(location.hash.slice(1));
  if (name && name !== current?.room.name) look(enter(name));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function look(tab) {
  if (current) current.draft = composer.text;
  current = tab;
  for (const { log } of tabs.values()) show(log.element, log === tab.log);
  history.replaceState(null, '', `#${encodeURIComponent(tab.room.name)}`);
  composer.text = tab.draft;
  moderation.look(tab.room.name);
  tab.log.toEnd();
  seen();
  draw();
}

// -- What happens

/** However much happens, it is drawn once in a frame; and not at all while nobody can see it. */
function changed(tab) {
  if (undrawn.size === 0) requestAnimationFrame(drawChanged);
  undrawn.add(tab);
}

function drawChanged() {
  const drawn = [...undrawn];
  undrawn.clear();
  for (const { log, room } of drawn) log.show(room.value.messages);
  if (drawn.includes(current)) draw();
  else drawRooms();
}

function heard(tab, messages) {
  if (tab === current && !document.hidden) return;
  tab.unread += messages;
  drawRooms();
}

function caughtUp(tab, what) {
  link.caughtUp(tab.room.name, what);
  if (what.messages > 0) heard(tab, what.messages);
}

function seen() {
  if (document.hidden || !current) return;
  current.unread = 0;
  drawRooms();
}

function scrolled(log) {
  if (log === current?.log) show(byId('newer'), !log.isAtEnd && log.hasNews);
}

// -- What is shown

function draw() {
  const { name, value } = current.room;
  byId('room-title').textContent = name;
  byId('room-count').textContent = countLine(value);
  byId('typing').textContent = typingLine(value.typing);
  drawPeople();
  drawRooms();
  scrolled(current.log);
}

function drawPeople() {
  if (current) people.show(current.room.value);
}

function countLine({ state, error, memberCount }) {
  if (state === 'refused') return error.message;
  if (state !== 'joined') return realtime.status.state === 'connected' ? 'Joining' : 'Not connected';
  return memberCount === 1 ? '1 person' : `${count(memberCount)} people`;
}

function drawRooms() {
  roomList.show([...tabs].map(([name, tab]) => [name, { tab }]));
  const unread = [...tabs.values()].reduce((sum, tab) => sum + tab.unread, 0);
  document.title = unread > 0 ? `(${unread}) ${TITLE}` : TITLE;
}

function makeRoom({ tab }) {
  const parts = [el('bdi', {}, tab.room.name), el('small', {}, 'not in'), el('b', {})];
  return el('li', {}, el('button', { type: 'button', onclick: () => look(tab) }, ...parts));
}

function updateRoom(item, { tab }) {
  const button = item.firstChild;
  button.setAttribute('aria-current', tab === current);
  show(button.querySelector('small'), tab.room.value.state === 'refused');
  show(button.querySelector('b'), tab.unread > 0);
  button.querySelector('b').replaceChildren(count(tab.unread), el('span', { className: 'sr' }, ' new'));
}

function joinedRooms() {
  return [...tabs.values()].filter(({ room }) => room.value.state === 'joined').map(({ room }) => room.name);
}
