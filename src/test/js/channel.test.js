import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Realtime } from '../../main/webapp/client/sluice.js';
import { ScriptedSockets, turn, until } from './scripted-socket.js';

const opened = [];

async function guest() {
  const sockets = new ScriptedSockets();
  const realtime = new Realtime({ baseUrl: 'http://sluice.example/', WebSocket: sockets.WebSocket, backoff: 1 });
  opened.push(realtime);
  realtime.connect();
  const socket = await sockets.next(1);
  await socket.welcome();
  return { realtime, sockets, socket };
}

const subscribed = (offset, rest = {}) => ({ channel: 'demo:a', epoch: 'e', offset, recovered: false, publications: [], ...rest });
const message = (offset, channel = 'demo:a') => ({ channel, data: { n: offset }, event: 'message', offset });

afterEach(() => opened.splice(0).forEach((realtime) => realtime.close()));

test('a channel is subscribed once, for as long as anybody listens', async () => {
  const { realtime, socket } = await guest();
  const told = [];
  const channel = realtime.channel('demo:a');
  const first = channel.listen(({ offset }) => told.push(`a${offset}`));
  const second = channel.listen(({ offset }) => told.push(`b${offset}`));
  assert.deepEqual(await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(0)), { channel: 'demo:a' });
  await socket.say('channel:message', message(1));
  await socket.say('channel:message', message(1, 'demo:b'));
  first();
  first();
  await socket.say('channel:message', message(2));
  second();
  await socket.heard('channel:unsubscribe');
  await socket.say('channel:message', message(3));
  assert.deepEqual(told, ['a1', 'b1', 'b2']);
  assert.equal(channel.value.state, 'idle');
});

test('after a break it goes on where it was', async () => {
  const { realtime, sockets, socket } = await guest();
  const told = [];
  const channel = realtime.channel('demo:a');
  channel.listen(({ offset }) => told.push(offset));
  await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(4));
  assert.equal(channel.value.recovered, null);
  await socket.say('channel:message', message(5));
  await socket.drop();
  assert.equal(channel.value.state, 'subscribing');
  const next = await sockets.next(2);
  await next.welcome();
  const publications = [message(6), message(7)];
  const asked = await next.answer('channel:subscribe', 'channel:subscribed', subscribed(7, { recovered: true, publications }));
  assert.deepEqual(asked.since, { epoch: 'e', offset: 5 });
  await next.say('channel:message', message(8));
  assert.deepEqual(told, [5, 6, 7, 8]);
  assert.equal(channel.value.recovered, true);
});

test('what cannot be recovered is said, and it goes on from now', async () => {
  const { realtime, sockets, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen();
  await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(4));
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome();
  await next.answer('channel:subscribe', 'channel:subscribed', subscribed(1, { epoch: 'f' }));
  assert.equal(channel.value.recovered, false);
  assert.deepEqual(channel.position, { epoch: 'f', offset: 1 });
});

test('what cannot be had now is asked for again, from where it was', async () => {
  const { realtime, sockets, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen();
  await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(4));
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome();
  for (const code of ['unavailable', 'too_many_requests']) {
    const { since } = await next.answer('channel:subscribe', 'error', { code, message: 'Later.' });
    assert.deepEqual(since, { epoch: 'e', offset: 4 });
    assert.equal(channel.value.state, 'subscribing');
  }
  await next.answer('channel:subscribe', 'channel:subscribed', subscribed(4, { recovered: true }));
  assert.equal(channel.value.state, 'subscribed');
  assert.equal(channel.value.recovered, true);
});

test('a position whose history is gone is given up, and said to be', async () => {
  const { realtime, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen(() => {}, { since: { epoch: 'old', offset: 9 } });
  const gone = { code: 'unrecoverable_position', message: 'Gone.' };
  assert.deepEqual((await socket.answer('channel:subscribe', 'error', gone)).since, { epoch: 'old', offset: 9 });
  assert.deepEqual(await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(2)), { channel: 'demo:a' });
  assert.equal(channel.value.recovered, false);
});

test('what the server has lost is asked for again; what it has ended is not', async () => {
  const { realtime, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen();
  await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(4));
  await socket.say('channel:unsubscribed', { channel: 'demo:a', reason: 'lost' });
  assert.deepEqual((await socket.heard('channel:subscribe')).payload.since, { epoch: 'e', offset: 4 });
  await socket.say('channel:unsubscribed', { channel: 'demo:a', reason: 'permission' });
  assert.equal(channel.value.error.code, 'permission');
  assert.deepEqual(socket.unread, []);
});

test('a channel that is refused says why', async () => {
  const { realtime, socket } = await guest();
  const channel = realtime.channel('demo:a');
  const values = [];
  channel.on('change', ({ state }) => values.push(state));
  channel.listen();
  await socket.answer('channel:subscribe', 'error', { code: 'permission_denied', message: 'No.' });
  assert.equal(channel.value.error.message, 'No.');
  assert.deepEqual(values, ['subscribing', 'refused']);
});

test('subscription tokens are fetched before each subscription', async () => {
  const { realtime, socket } = await guest();
  const channel = realtime.channel('demo:a', { token: async (name) => `token of ${name}` });
  channel.listen();
  assert.equal((await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(0))).token, 'token of demo:a');
  await socket.say('channel:unsubscribed', { channel: 'demo:a', reason: 'expired' });
  assert.equal((await socket.heard('channel:subscribe')).payload.token, 'token of demo:a');
});

test('a break while a subscription token is fetched subscribes once', async () => {
  const { realtime, sockets, socket } = await guest();
  const given = [];
  const channel = realtime.channel('demo:a', { token: () => new Promise((resolve) => given.push(resolve)) });
  channel.listen();
  await until(() => given.length === 1);
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome();
  await until(() => given.length === 2);
  given.forEach((resolve, i) => resolve(`token ${i}`));
  await turn();
  assert.deepEqual(next.unread.map(({ payload }) => payload.token), ['token 1']);
});

test('who is there follows joins, leaves and diffs', async () => {
  const { realtime, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen();
  channel.watchPresence();
  await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(0));
  const [ann, ben, cem] = ['Ann', 'Ben', 'Cem'].map((name) => ({ userId: name[0], name }));
  await socket.answer('presence:get', 'presence', { channel: 'demo:a', members: [ann], memberCount: 1 });
  await socket.say('presence:join', { channel: 'demo:a', ...ben });
  await socket.say('presence:join', { channel: 'demo:a', ...ben });
  await socket.say('presence:join', { channel: 'demo:b', ...cem });
  assert.deepEqual(channel.value.members, [ann, ben]);
  assert.equal(channel.value.memberCount, 2);
  await socket.say('presence:leave', { channel: 'demo:a', ...ann });
  assert.deepEqual(channel.value.members, [ben]);
  await socket.say('presence', { channel: 'demo:a', joined: [cem], left: [ben], memberCount: 150 });
  assert.deepEqual(channel.value.members, [cem]);
  assert.equal(channel.value.memberCount, 150);
});

test('typing is told seldom, and shown until it ends', async () => {
  const { realtime, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen();
  await socket.answer('channel:subscribe', 'channel:subscribed', subscribed(0));
  channel.setTyping(true);
  channel.setTyping(true);
  channel.setTyping(false);
  channel.setTyping(false);
  assert.deepEqual((await socket.heard('channel:typing')).payload.typing, true);
  assert.deepEqual((await socket.heard('channel:typing')).payload.typing, false);
  assert.deepEqual(socket.unread, []);
  await socket.say('typing', { channel: 'demo:a', userId: 'B', name: 'Ben', typing: true });
  assert.deepEqual(channel.value.typing, [{ userId: 'B', name: 'Ben' }]);
  await socket.say('typing', { channel: 'demo:a', userId: 'B', name: 'Ben', typing: false });
  assert.deepEqual(channel.value.typing, []);
});

test('a break forgets nobody who listens, though the subscription was not answered', async () => {
  const { realtime, sockets, socket } = await guest();
  const channel = realtime.channel('demo:a');
  channel.listen();
  await socket.heard('channel:subscribe');
  await socket.drop();
  const next = await sockets.next(2);
  await next.welcome();
  await next.answer('channel:subscribe', 'channel:subscribed', subscribed(0));
  await until(() => channel.value.state === 'subscribed');
});
