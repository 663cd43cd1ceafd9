import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

const stored = new Map();
globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };

const { inWords } = await import('../../main/webapp/assets/chat-link.js');
const { typingLine } = await import('../../main/webapp/assets/chat-people.js');
const { OpenRooms } = await import('../../main/webapp/assets/chat-store.js');

beforeEach(() => stored.clear());

const news = (room, messages, missing) => ({ room, messages, missing, recovered: missing === 0 });

test('what became of a break is said in one line', () => {
  assert.equal(inWords([]), 'Nothing was missed.');
  assert.equal(inWords([news('a', 0, 0), news('b', 0, 0)]), 'Nothing was missed.');
  assert.equal(inWords([news('a', 1, 0)]), 'One message that was missed is here.');
  assert.equal(inWords([news('a', 1, 0), news('b', 1200, 0)]), '1,201 messages that were missed are here.');
  assert.equal(inWords([news('a', 0, null), news('b', 0, 0)]), 'Not everything could be recovered in a.');
  const both = 'One message that was missed is here. Not everything could be recovered in a, b.';
  assert.equal(inWords([news('a', 1, null), news('b', 0, 3)]), both);
});

test('who types is said of up to two by name', () => {
  const typing = ['Ann', '', 'Cem'].map((name) => ({ name }));
  assert.equal(typingLine([]), '');
  assert.equal(typingLine(typing.slice(0, 1)), 'Ann is typing');
  assert.equal(typingLine(typing.slice(0, 2)), 'Ann and Anonymous are typing');
  assert.equal(typingLine(typing), '3 people are typing');
});

test('rooms are remembered, the latest twenty, whatever else is stored there', () => {
  const rooms = new OpenRooms();
  assert.deepEqual(rooms.names, []);
  for (let i = 0; i < 25; i++) rooms.add(`room-${i}`);
  rooms.add('room-7');
  rooms.remove('room-24');
  assert.deepEqual([rooms.names.length, rooms.names[0], rooms.names.at(-1)], [19, 'room-5', 'room-23']);
  for (const odd of ['', '{', 'null', '{}', '[1, "", null, "a"]']) {
    stored.set('sluice.rooms', odd);
    assert.deepEqual(rooms.names, odd.startsWith('[') ? ['a'] : []);
  }
});
