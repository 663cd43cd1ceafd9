import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Realtime } from '../../main/webapp/client/sluice.js';
import { ScriptedSockets, turn } from './scripted-socket.js';

const ANN = { userId: 'guest-1', name: 'Ann' };
const BEN = { userId: 'B', name: 'Ben' };
const opened = [];

function said(offset, text = `text ${offset}`, { userId, name } = BEN) {
  return { room: 'lobby', from: name, userId, text, ts: 1000 + offset, offset };
}

function publication(offset, text, who) {
  const { room, offset: ignored, ...data } = said(offset, text, who);
  return { data, event: 'message', offset, ts: data.ts };
}

function joined(offset, history = [], rest = {}) {
  return { ...ANN, room: 'lobby', memberCount: 1, members: [ANN], history, epoch: 'e', offset, ...rest };
}

/** A client in the room, with what it has been told since. */
async function inRoom(first = joined(0)) {
  const sockets = new ScriptedSockets();
  const realtime = new Realtime({ baseUrl: 'http://sluice.example/', WebSocket: sockets.WebSocket, backoff: 1 });
  opened.push(realtime);
  const room = realtime.room('lobby');
  const leave = room.join({ name: 'Ann' });
  realtime.connect();
  const socket = await sockets.next(1);
  await socket.welcome();
  assert.deepEqual(await socket.answer('chat:join', 'chat:joined', first), { room: 'lobby', name: 'Ann' });
  const caughtUp = [];
  room.on('caughtUp', ({ recovered, messages, missing }) => caughtUp.push({ recovered, messages, missing }));
  return { realtime, sockets, socket, room, leave, caughtUp };
}

async function again(sockets, number, answer, userId = 'guest-2') {
  const socket = await sockets.next(number);
  await socket.welcome(userId);
  await socket.answer('chat:join', 'chat:joined', { ...answer, userId });
  return socket;
}

/** The list in a form that is easy to compare. */
function seen({ value }) {
  return value.messages.map(({ kind, text, status, missing, messages }) => {
    if (kind === 'missed') return `missed ${missing}`;
    if (kind === 'away') return `away ${messages}`;
    if (kind === 'deleted') return 'deleted';
    return status === 'sent' ? text : `${text} (${status})`;
  });
}

afterEach(() => opened.splice(0).forEach((realtime) => realtime.close()));

test('who joins sees the last messages and who is there', async () => {
  const { room } = await inRoom(joined(2, [said(1), said(2)], { members: [BEN, ANN], memberCount: 2 }));
  assert.deepEqual(seen(room), ['text 1', 'text 2']);
  assert.deepEqual(room.value.members, [BEN, ANN]);
  assert.deepEqual([room.value.state, room.value.name, room.value.memberCount], ['joined', 'Ann', 2]);
});

test('messages, members and typing of this room alone are taken in', async () => {
  const { room, socket } = await inRoom();
  const told = [];
  room.on('said', ({ text }) => told.push(text));
  await socket.say('chat:user_joined', { ...BEN, room: 'lobby', memberCount: 2 });
  await socket.say('chat:user_joined', { userId: 'C', name: 'Cem', room: 'other', memberCount: 9 });
  await socket.say('chat:typing', { ...BEN, room: 'lobby', typing: true });
  assert.deepEqual(room.value.typing, [BEN]);
  await socket.say('chat:message', said(1, '<b>hello</b>'));
  await socket.say('chat:message', { ...said(1), room: 'other' });
  assert.deepEqual(room.value.typing, []);
  assert.deepEqual(seen(room), ['<b>hello</b>']);
  assert.deepEqual(told, ['<b>hello</b>']);
  assert.deepEqual(room.value.members, [ANN, BEN]);
  await socket.say('chat:user_left', { ...BEN, room: 'lobby', memberCount: 1 });
  assert.deepEqual(room.value.members, [ANN]);
});

test('what one says is there at once, and once', async () => {
  const { room, socket } = await inRoom();
  room.send('first');
  assert.deepEqual(seen(room), ['first (sending)']);
  const { key } = room.value.messages[0];
  const { id } = await socket.heard('chat:message');
  await socket.say('chat:message', said(1, 'other'));
  await socket.say('ok', { epoch: 'e', offset: 2 }, id);
  await socket.say('chat:message', said(2, 'first', ANN));
  assert.deepEqual(seen(room), ['other', 'first']);
  assert.equal(room.value.messages[1].key, key);
  assert.equal(room.value.messages[1].isMine, true);
});

test('the message may come before its acknowledgement', async () => {
  const { room, socket } = await inRoom();
  room.send('same');
  room.send('same');
  const ids = [(await socket.heard('chat:message')).id, (await socket.heard('chat:message')).id];
  await socket.say('chat:message', said(1, 'same', ANN));
  assert.deepEqual(seen(room), ['same', 'same (sending)']);
  await socket.say('ok', { epoch: 'e', offset: 1 }, ids[0]);
  await socket.say('ok', { epoch: 'e', offset: 2 }, ids[1]);
  await socket.say('chat:message', said(2, 'same', ANN));
  assert.deepEqual(seen(room), ['same', 'same']);
  assert.deepEqual(room.value.messages.map(({ offset }) => offset), [1, 2]);
});

test('a text that the server has changed is there once', async () => {
  const { room, socket } = await inRoom();
  room.send('cafe\u0301');
  const { id } = await socket.heard('chat:message');
  await socket.say('chat:message', said(1, 'caf\u00e9', ANN));
  await socket.say('ok', { epoch: 'e', offset: 1 }, id);
  assert.deepEqual(seen(room), ['caf\u00e9']);
});

test('what the server refuses is kept, with its reason, and can be said again or discarded', async () => {
  const { room, socket } = await inRoom();
  room.send('hm');
  await socket.answer('chat:message', 'chat:error', { code: 'permission_denied', message: 'You are muted in this room.' });
  assert.deepEqual(seen(room), ['hm (failed)']);
  const [{ key, error }] = room.value.messages;
  assert.equal(error, 'You are muted in this room.');
  room.sendAgain(key);
  await socket.answer('chat:message', 'chat:error', { code: 'too_many_requests', message: 'Wait.' });
  assert.deepEqual(seen(room), ['hm (failed)']);
  room.discard(room.value.messages[0].key);
  assert.deepEqual(seen(room), []);
});

test('after a break, what was missed is read from where it was', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.say('chat:message', said(2));
  await socket.drop();
  assert.equal(room.value.state, 'joining');
  const next = await again(sockets, 2, joined(5, [said(3), said(4), said(5)]));
  await next.say('chat:message', said(6));
  const asked = await next.answer('history', 'history', { publications: [publication(3), publication(4), publication(5)] });
  assert.deepEqual(asked, { channel: 'room:lobby', since: { epoch: 'e', offset: 2 }, limit: 300 });
  await turn();
  assert.deepEqual(seen(room), ['text 1', 'text 2', 'away 3', 'text 3', 'text 4', 'text 5', 'text 6']);
  assert.deepEqual(caughtUp, [{ recovered: true, messages: 3, missing: 0 }]);
});

test('a break in which nothing was said is told so', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.drop();
  const next = await again(sockets, 2, joined(1, [said(1)]));
  assert.deepEqual(next.unread, []);
  assert.deepEqual(caughtUp, [{ recovered: true, messages: 0, missing: 0 }]);
  assert.deepEqual(seen(room), ['text 1']);
});

test('what is not kept any more is told as missing', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.drop();
  const next = await again(sockets, 2, joined(5, [said(4), said(5)]));
  await next.answer('history', 'history', { publications: [publication(4), publication(5)] });
  await turn();
  assert.deepEqual(seen(room), ['text 1', 'missed 2', 'text 4', 'text 5']);
  assert.deepEqual(caughtUp, [{ recovered: false, messages: 2, missing: 2 }]);
});

test('a history that began anew is told as a gap that nobody knows', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom(joined(7, [said(7)]));
  await socket.drop();
  const next = await again(sockets, 2, joined(1, [said(1)], { epoch: 'f' }));
  await next.say('chat:message', said(2));
  assert.deepEqual(seen(room), ['text 7', 'missed null', 'text 1', 'text 2']);
  assert.deepEqual(caughtUp, [{ recovered: false, messages: 1, missing: null }]);
});

test('who cannot be let in now asks again', async () => {
  const { room, sockets, socket } = await inRoom();
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome('guest-2');
  for (const code of ['unavailable', 'too_many_requests']) {
    await next.answer('chat:join', 'chat:error', { code, message: 'Later.' });
    assert.equal(room.value.state, 'joining');
  }
  await next.answer('chat:join', 'chat:joined', joined(0));
  assert.equal(room.value.state, 'joined');
});

test('who has left asks no more', async () => {
  const { leave, sockets, socket } = await inRoom();
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome('guest-2');
  await next.answer('chat:join', 'chat:error', { code: 'unavailable', message: 'Later.' });
  leave();
  await next.heard('chat:leave');
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(next.unread, []);
});

test('a history that cannot be read leaves a mark, and what joining tells', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.drop();
  const next = await again(sockets, 2, joined(3, [said(1), said(2), said(3)]));
  await next.answer('history', 'error', { code: 'unavailable', message: 'Later.' });
  await turn();
  assert.deepEqual(seen(room), ['text 1', 'missed null', 'text 2', 'text 3']);
  assert.equal(caughtUp[0].recovered, false);
});

test('long breaks are read page by page, and of very long ones the newest', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom();
  await socket.drop();
  const next = await again(sockets, 2, joined(1000));
  const page = (from, to) => ({ publications: Array.from({ length: to - from + 1 }, (_, i) => publication(from + i)) });
  assert.equal((await next.answer('history', 'history', page(101, 400))).since.offset, 100);
  assert.equal((await next.answer('history', 'history', page(401, 700))).since.offset, 400);
  await next.answer('history', 'history', page(701, 1000));
  await turn();
  assert.deepEqual(caughtUp, [{ recovered: false, messages: 900, missing: 100 }]);
  assert.equal(room.value.messages.length, 500);
  assert.equal(seen(room).at(-1), 'text 1000');
});

test('what was on its way when the connection broke has arrived, or has not', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom();
  room.send('arrived');
  room.send('lost');
  await socket.drop();
  assert.deepEqual(seen(room), ['arrived (unknown)', 'lost (unknown)']);
  room.send('too late');
  await turn();
  const next = await again(sockets, 2, joined(1, [said(1, 'arrived', ANN)]));
  await next.answer('history', 'history', { publications: [publication(1, 'arrived', ANN)] });
  await turn();
  assert.deepEqual(seen(room), ['arrived', 'lost (failed)', 'too late (failed)']);
  assert.deepEqual(caughtUp, [{ recovered: true, messages: 0, missing: 0 }]);
  room.sendAgain(room.value.messages[1].key);
  await next.answer('chat:message', 'ok', { epoch: 'e', offset: 2 });
  assert.deepEqual(seen(room), ['arrived', 'lost', 'too late (failed)']);
});

test('where something is missing, what was on its way stays unknown', async () => {
  const { room, sockets, socket } = await inRoom(joined(3, [said(3)]));
  room.send('mine');
  await socket.drop();
  await again(sockets, 2, joined(0, [], { epoch: 'f' }));
  assert.deepEqual(seen(room), ['text 3', 'missed null', 'mine (unknown)']);
});

test('a second break while the first is caught up with loses nothing', async () => {
  const { room, sockets, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.drop();
  const second = await again(sockets, 2, joined(2));
  await second.heard('history');
  await second.say('chat:message', said(3));
  await second.drop();
  const third = await again(sockets, 3, joined(4), 'guest-3');
  const publications = [publication(2), publication(3), publication(4)];
  const asked = await third.answer('history', 'history', { publications });
  assert.equal(asked.since.offset, 1);
  await turn();
  assert.deepEqual(seen(room).filter((text) => !text.startsWith('away')), ['text 1', 'text 2', 'text 3', 'text 4']);
  assert.equal(caughtUp.length, 1);
});

test('what is taken back goes, live and while catching up', async () => {
  const { room, sockets, socket } = await inRoom(joined(2, [said(1), said(2)]));
  await socket.say('chat:message_deleted', { room: 'lobby', offset: 1 });
  assert.deepEqual(seen(room), ['deleted', 'text 2']);
  await socket.drop();
  const next = await again(sockets, 2, joined(6));
  await next.say('chat:message_deleted', { room: 'lobby', offset: 4 });
  const tombstone = { data: { deleted: true }, event: 'message', offset: 3, ts: 1 };
  const deletion = { data: { offset: 2 }, event: 'deleted', offset: 5, ts: 1 };
  await next.answer('history', 'history', { publications: [tombstone, publication(4), deletion, publication(6)] });
  await turn();
  assert.deepEqual(seen(room).filter((text) => !text.startsWith('away')), ['deleted', 'deleted', 'text 6']);
});

test('the server may put one in again, or out', async () => {
  const { room, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.say('chat:joined', joined(2, [said(1), said(2)]));
  await socket.answer('history', 'history', { publications: [publication(2)] });
  await turn();
  assert.deepEqual(seen(room).filter((text) => !text.startsWith('away')), ['text 1', 'text 2']);
  assert.equal(caughtUp.length, 1);
  await socket.say('chat:error', { code: 'permission', message: 'You are not in the room any more.', room: 'lobby' });
  assert.deepEqual([room.value.state, room.value.error.code], ['refused', 'permission']);
});

test('a room that the server has lost is joined again', async () => {
  const { room, socket, caughtUp } = await inRoom(joined(1, [said(1)]));
  await socket.say('chat:error', { code: 'lost', message: 'You are not in the room any more.', room: 'lobby' });
  await socket.answer('chat:join', 'chat:joined', joined(1, [said(1)]));
  assert.deepEqual([room.value.state, caughtUp.length], ['joined', 1]);
});

test('a room that is full says so', async () => {
  const sockets = new ScriptedSockets();
  const realtime = new Realtime({ baseUrl: 'http://sluice.example/', WebSocket: sockets.WebSocket });
  opened.push(realtime);
  const room = realtime.room('lobby');
  room.join();
  realtime.connect();
  const socket = await sockets.next(1);
  await socket.welcome();
  await socket.answer('chat:join', 'chat:error', { code: 'room_full', message: 'Room is full' });
  assert.deepEqual([room.value.state, room.value.error.message], ['refused', 'Room is full']);
});

test('leaving is told to the server, and forgets', async () => {
  const { room, leave, socket } = await inRoom(joined(1, [said(1)]));
  leave();
  assert.deepEqual((await socket.heard('chat:leave')).payload, { room: 'lobby' });
  assert.deepEqual([room.value.state, room.value.messages], ['idle', []]);
  await socket.say('chat:message', said(2));
  assert.deepEqual(seen(room), []);
});

test('another name means going in once more', async () => {
  const { room, socket } = await inRoom(joined(1, [said(1)]));
  const renamed = room.rename('Anna');
  await socket.answer('chat:leave', 'ok', {});
  await renamed;
  const asked = await socket.answer('chat:join', 'chat:joined', joined(1, [said(1)], { name: 'Anna' }));
  assert.equal(asked.name, 'Anna');
  assert.equal(room.value.name, 'Anna');
  assert.deepEqual(seen(room), ['text 1']);
});

test('another name that comes while one goes in is not forgotten', async () => {
  const { room, sockets, socket } = await inRoom();
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome('guest-2');
  const { id } = await next.heard('chat:join');
  await room.rename('Anna');
  await next.say('chat:joined', joined(0), id);
  await next.answer('chat:leave', 'ok', {});
  assert.equal((await next.answer('chat:join', 'chat:joined', joined(0, [], { name: 'Anna' }))).name, 'Anna');
  assert.deepEqual([room.value.name, next.unread], ['Anna', []]);
});

test('typing is told seldom, and again after a message', async () => {
  const { room, socket } = await inRoom();
  room.setTyping(true);
  room.setTyping(true);
  room.send('x');
  room.setTyping(true);
  assert.deepEqual(socket.unread.map(({ type }) => type), ['chat:typing', 'chat:message', 'chat:typing']);
});
