import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Realtime } from '../../main/webapp/client/sluice.js';
import { pauseAfter } from '../../main/webapp/client/realtime/pauses.js';
import { ScriptedSockets, turn, until } from './scripted-socket.js';

const opened = [];

/** A client of a server that the test plays. */
function client(options = {}) {
  const sockets = new ScriptedSockets();
  const realtime = new Realtime({ baseUrl: 'https://sluice.example/app', WebSocket: sockets.WebSocket, backoff: 1, ...options });
  opened.push(realtime);
  return { realtime, sockets };
}

async function guest(options) {
  const made = client(options);
  made.realtime.connect();
  made.socket = await made.sockets.next(1);
  await made.socket.welcome();
  return made;
}

afterEach(() => opened.splice(0).forEach((realtime) => realtime.close()));

test('the address is that of the application, as a socket', async () => {
  const { sockets } = await guest();
  assert.equal(sockets.made[0].url, 'wss://sluice.example/app/ws');
});

test('a guest is who the server says', async () => {
  const { realtime } = await guest();
  assert.deepEqual(realtime.status, { state: 'connected', userId: 'guest-1', retryAt: null, lost: null });
});

test('where guests are not let in, it is told, and nothing is tried again', async () => {
  const { realtime, sockets } = client();
  realtime.connect();
  const socket = await sockets.next(1);
  socket.open();
  await socket.answer('ping', 'pong', {});
  assert.equal(realtime.status.state, 'refused');
  assert.equal(socket.closedWith, 1000);
  await assert.rejects(realtime.publish('a:b', 1), { code: 'disconnected' });
});

test('a token is the first that is said, and is kept fresh', async () => {
  const tokens = [];
  const { realtime, sockets } = client({ token: (refused) => `token-${tokens.push(refused)}` });
  realtime.connect();
  const socket = await sockets.next(1);
  socket.open();
  assert.deepEqual(await socket.answer('auth', 'connected', { userId: 'u', connectionId: 'c' }), { token: 'token-1' });
  assert.equal(realtime.status.userId, 'u');
  assert.deepEqual(await socket.answer('refresh', 'refreshed', { expiresIn: 2 }), { token: 'token-1' });
  assert.deepEqual(await socket.answer('refresh', 'refreshed', { expiresIn: 900 }), { token: 'token-2' });
  assert.deepEqual(tokens, [undefined, 'token-1']);
});

test('a token that was refused is asked for anew, once', async () => {
  const { realtime, sockets } = client({ token: (refused) => (refused ? 'good' : 'old') });
  realtime.connect();
  const first = await sockets.next(1);
  first.open();
  await first.heard('auth');
  await first.drop(4001, 'Unauthorized');
  const second = await sockets.next(2);
  second.open();
  assert.deepEqual((await second.heard('auth')).payload, { token: 'good' });
  // It gives the same one again: there is no other.
  await second.drop(4001);
  await until(() => realtime.status.state === 'refused');
  assert.equal(sockets.made.length, 2);
});

test('a refusal is forgotten once a token was taken', async () => {
  const asked = [];
  const { realtime, sockets } = client({ token: (refused) => `token-${asked.push(refused)}` });
  realtime.connect();
  const first = await sockets.next(1);
  first.open();
  await first.drop(4001);
  const second = await sockets.next(2);
  second.open();
  await second.answer('auth', 'connected', { userId: 'u' });
  await second.drop(1006);
  await sockets.next(3);
  assert.deepEqual(asked, [undefined, 'token-1', undefined]);
});

test('a token that comes too late opens nothing', async () => {
  const given = [];
  const { realtime, sockets } = client({ token: () => new Promise((resolve) => given.push(resolve)) });
  realtime.connect();
  realtime.reconnect();
  await until(() => given.length === 2);
  given.forEach((resolve, i) => resolve(`token-${i}`));
  const socket = await sockets.next(1);
  socket.open();
  assert.equal((await socket.heard('auth')).payload.token, 'token-1');
  await turn();
  assert.equal(sockets.made.length, 1);
});

test('a fixed token that is refused is not tried again', async () => {
  const { realtime, sockets } = client({ token: 'wrong' });
  realtime.connect();
  const socket = await sockets.next(1);
  socket.open();
  await socket.drop(4001, 'Unauthorized');
  assert.deepEqual(realtime.status.lost, { code: 4001, reason: 'Unauthorized' });
  assert.equal(realtime.status.state, 'refused');
  realtime.retry();
  await until(() => realtime.status.state === 'refused');
  assert.equal(sockets.made.length, 1);
});

test('a token that cannot be had for now is waited for', async () => {
  let asked = 0;
  const token = async () => {
    if (++asked === 1) throw new TypeError('Failed to fetch');
    return 'token';
  };
  const { realtime, sockets } = client({ token });
  realtime.connect();
  (await sockets.next(1)).open();
  assert.equal(asked, 2);
});

test('a token that is refused for good needs the caller', async () => {
  const token = async () => {
    throw Object.assign(new Error('A valid token is needed'), { status: 401 });
  };
  const { realtime } = client({ token });
  realtime.connect();
  await until(() => realtime.status.state === 'refused');
});

test('a connection that breaks comes back, and says when it will try', async () => {
  const { realtime, sockets, socket } = await guest({ backoff: 60_000 });
  const before = Date.now();
  await socket.drop(1006);
  const { state, retryAt, lost } = realtime.status;
  assert.equal(state, 'waiting');
  assert.equal(lost.code, 1006);
  assert.ok(retryAt >= before + 10_000 && retryAt <= Date.now() + 20_000, String(retryAt - before));
  realtime.retry();
  await (await sockets.next(2)).welcome('guest-2');
  assert.equal(realtime.status.userId, 'guest-2');
});

test('pauses grow, have a limit, and are longer where the server needs a rest', () => {
  assert.equal(pauseAfter(1006, 1, 500, 1), 500);
  assert.equal(pauseAfter(1006, 1, 500, 0), 250);
  assert.equal(pauseAfter(1006, 4, 500, 1), 4000);
  assert.equal(pauseAfter(1006, 50, 500, 1), 20_000);
  assert.equal(pauseAfter(1013, 1, 500, 1), 5500);
  assert.equal(pauseAfter(1008, 1, 500, 1), 10_500);
});

test('an answer belongs to its question, whatever comes between', async () => {
  const { realtime, socket } = await guest();
  const first = realtime.request('history', { channel: 'a' });
  const second = realtime.request('history', { channel: 'b' });
  const rejected = assert.rejects(first, { name: 'RealtimeError', code: 'permission_denied', message: 'No.' });
  const [a, b] = [await socket.heard('history'), await socket.heard('history')];
  await socket.say('history', { of: 'b' }, b.id);
  await socket.say('error', { code: 'permission_denied', message: 'No.' }, a.id);
  assert.deepEqual(await second, { of: 'b' });
  await rejected;
});

test('what was not answered when the connection broke is rejected; what waits for one is not', async () => {
  const { realtime, sockets, socket } = await guest();
  const sent = realtime.publish('demo:x', 1);
  await socket.heard('channel:publish');
  const rejected = assert.rejects(sent, { code: 'disconnected' });
  await socket.drop();
  await rejected;
  const waits = realtime.publish('demo:x', { n: 2 }, 'changed');
  const next = await sockets.next(2);
  await next.welcome();
  const payload = await next.answer('channel:publish', 'ok', { epoch: 'e', offset: 7 });
  assert.deepEqual(payload, { channel: 'demo:x', data: { n: 2 }, event: 'changed' });
  assert.deepEqual(await waits, { epoch: 'e', offset: 7 });
});

test('only so many publications wait', async () => {
  const { realtime } = client();
  realtime.connect();
  const waiting = Array.from({ length: 100 }, () => assert.rejects(realtime.publish('a:b', 1), { code: 'disconnected' }));
  await assert.rejects(realtime.publish('a:b', 1), { code: 'too_many_waiting' });
  realtime.close();
  await Promise.all(waiting);
});

test('another caller gets another connection', async () => {
  let token = null;
  const { realtime, sockets, socket } = await guest({ token: () => token });
  token = 'alice';
  realtime.reconnect();
  assert.equal(socket.closedWith, 1000);
  const next = await sockets.next(2);
  next.open();
  assert.deepEqual(await next.answer('auth', 'connected', { userId: 'alice' }), { token: 'alice' });
  await socket.drop();
  assert.equal(realtime.status.userId, 'alice');
});

test('a listener that throws keeps nothing from the others', async () => {
  const { realtime, socket } = await guest();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  const told = [];
  realtime.on('announcement', () => {
    throw new Error('mine');
  });
  realtime.on('announcement', (payload) => told.push(payload));
  await socket.say('announcement', { text: 'hello' });
  assert.deepEqual(told, [{ text: 'hello' }]);
  assert.deepEqual(reported, ['mine']);
  delete globalThis.reportError;
});

test('the gateway is one channel, whatever else there is', async () => {
  const { realtime, sockets } = client({ url: 'ws/gateway' });
  const heard = [];
  realtime.channel('chat').listen((message) => heard.push(message));
  realtime.channel('other').listen();
  realtime.connect();
  const socket = await sockets.next(1);
  assert.equal(socket.url, 'wss://sluice.example/app/ws/gateway');
  socket.open();
  await socket.answer('echo', 'echo', {});
  await turn();
  assert.equal(realtime.channel('chat').value.state, 'subscribed');
  assert.equal(realtime.channel('other').value.error.code, 'unknown_channel');
  await realtime.publish('chat', { user: 'me', text: 'hi' });
  const { payload, id } = await socket.heard('message');
  assert.deepEqual([payload, id], [{ type: 'message', user: 'me', text: 'hi' }, undefined]);
  const data = { type: 'message', user: 'me', text: 'hi', timestamp: 1 };
  await socket.say('chat', data);
  assert.deepEqual(heard, [{ data, event: 'message', offset: null }]);
});

test('a gateway that wants a token says so', async () => {
  const { realtime, sockets } = client({ url: 'ws/gateway' });
  realtime.connect();
  const socket = await sockets.next(1);
  socket.open();
  await socket.heard('echo');
  await socket.say('error', { code: 'unauthorized', message: 'Send auth with a token first.' });
  assert.equal(realtime.status.state, 'refused');
});
