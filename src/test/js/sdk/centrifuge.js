/**
 * What the SDK `centrifuge` does with a real server. For tests in Java: `node centrifuge.js BASE SECRET`, where the base is
 * the address of the server without a slash at its end, and the secret signs tokens. Ends with 0 and the line `ok`, or with
 * what went wrong.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Centrifuge } from 'centrifuge';
import { WebSocket } from 'ws';

const [base, secret] = process.argv.slice(2);
const sockets = base.replace(/^http/, 'ws');
const PATIENCE = 60_000;

/** A client that tells how often it has connected, and whose connection can be killed. */
function client(options = {}) {
  const opened = [];
  class Recorded extends WebSocket {
    constructor(...args) {
      super(...args);
      opened.push(this);
    }
  }
  const made = new Centrifuge(`${sockets}/connection/websocket`, {
    websocket: Recorded,
    minReconnectDelay: 20,
    maxReconnectDelay: 200,
    ...options,
  });
  made.kill = () => opened.at(-1).terminate();
  made.opened = () => opened.length;
  return made;
}

/** A token of the application for user 42. */
function token(seconds, claims = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: '42', exp: soon(seconds), ...claims })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function soon(seconds) {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** What the application says to the server API. */
async function call(method, params) {
  const answer = await fetch(`${base}/api/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': 'secret-admin-123' },
    body: JSON.stringify(params),
  });
  assert.equal(answer.status, 200);
  const { result, error } = await answer.json();
  assert.equal(error, undefined);
  return result;
}

/** A plain socket that speaks the server's own protocol, and what it hears of a channel. */
async function plain(channel) {
  const socket = new WebSocket(`${sockets}/ws`);
  const heard = [];
  const ready = new Promise((resolve, reject) => {
    socket.on('message', (text) => {
      const { type, payload } = JSON.parse(text);
      if (type === 'connected') socket.say('channel:subscribe', { channel });
      if (type === 'channel:subscribed') resolve();
      if (type === 'channel:message') heard.push([payload.offset, payload.data]);
      if (type === 'error') reject(new Error(text));
    });
    socket.on('error', reject);
  });
  socket.say = (type, payload) => socket.send(JSON.stringify({ type, payload, ts: Date.now() }));
  socket.heard = heard;
  await ready;
  return socket;
}

function next(emitter, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), PATIENCE);
    emitter.once(event, (context) => {
      clearTimeout(timer);
      resolve(context);
    });
  });
}

async function until(condition, what) {
  const end = Date.now() + PATIENCE;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function connected(options) {
  const made = client(options);
  const event = next(made, 'connected');
  made.connect();
  await event;
  return made;
}

async function subscribed(on, channel, options) {
  const subscription = on.newSubscription(channel, options);
  const event = next(subscription, 'subscribed');
  subscription.subscribe();
  await event;
  return subscription;
}

const scenarios = {
  async publishesAndReads() {
    const ann = await connected();
    const ben = await connected();
    const heard = [];
    const there = await subscribed(ann, 'demo:sdk', { joinLeave: true });
    there.on('publication', ({ data, offset, info }) => heard.push({ data, offset, user: info?.client }));
    const joined = next(there, 'join');
    const other = await subscribed(ben, 'demo:sdk');
    assert.ok((await joined).info.client);
    await other.publish({ text: 'é\n"' });
    await ben.publish('demo:sdk', [1, null]);
    await until(() => heard.length === 2, 'two publications');
    assert.deepEqual(heard.map(({ data }) => data), [{ text: 'é\n"' }, [1, null]]);
    assert.deepEqual(heard.map(({ offset }) => offset), [1, 2]);
    const page = await there.history({ limit: 10 });
    assert.deepEqual(page.publications.map(({ offset }) => offset), [1, 2]);
    const newest = await there.history({ limit: 1, reverse: true });
    assert.deepEqual(newest.publications.map(({ offset }) => offset), [2]);
    assert.equal(Object.keys((await there.presence()).clients).length, 2);
    assert.equal((await there.presenceStats()).numClients, 2);
    const left = next(there, 'leave');
    ben.disconnect();
    assert.ok((await left).info.client);
    ann.disconnect();
  },

  async recoversAfterItsConnectionWasKilled() {
    const ann = await connected();
    const ben = await connected();
    const heard = [];
    const there = await subscribed(ann, 'demo:killed');
    there.on('publication', ({ offset }) => heard.push(offset));
    await ben.publish('demo:killed', 1);
    await until(() => heard.length === 1, 'the first');
    const back = next(there, 'subscribed');
    ann.kill();
    for (let i = 2; i <= 20; i++) await ben.publish('demo:killed', i);
    const context = await back;
    assert.equal(context.wasRecovering, true);
    assert.equal(context.recovered, true);
    await ben.publish('demo:killed', 21);
    await until(() => heard.length >= 21, 'all');
    assert.deepEqual(heard, Array.from({ length: 21 }, (_, i) => i + 1));
    ann.disconnect();
    ben.disconnect();
  },

  async comesBackEachTimeWithoutAGapOrARepeat() {
    const ann = await connected();
    const ben = await connected();
    const heard = [];
    const there = await subscribed(ann, 'demo:often');
    there.on('publication', ({ data, offset }) => heard.push([offset, data]));
    let published = 0;
    for (let round = 0; round < 5; round++) {
      const back = next(there, 'subscribed');
      ann.kill();
      for (let i = 0; i < 10; i++) await ben.publish('demo:often', ++published);
      assert.equal((await back).recovered, true);
    }
    await until(() => heard.length >= published, 'all');
    assert.deepEqual(heard, Array.from({ length: published }, (_, i) => [i + 1, i + 1]));
    assert.ok(ann.opened() > 5);
    ann.disconnect();
    ben.disconnect();
  },

  async isToldWhatCannotBeRecovered() {
    const ann = await connected();
    const ben = await connected();
    const there = await subscribed(ann, 'few:sdk');
    await ben.publish('few:sdk', 0);
    ann.disconnect();
    for (let i = 1; i <= 5; i++) await ben.publish('few:sdk', i);
    const back = next(there, 'subscribed');
    ann.connect();
    const { wasRecovering, recovered, streamPosition } = await back;
    assert.deepEqual({ wasRecovering, recovered, offset: streamPosition.offset }, { wasRecovering: true, recovered: false, offset: 6 });
    ann.disconnect();
    ben.disconnect();
  },

  async readsHistoryInPages() {
    const ann = await connected();
    const there = await subscribed(ann, 'demo:paged');
    for (let i = 1; i <= 7; i++) await there.publish(i);
    const read = [];
    let since = { offset: 0, epoch: (await there.history({ limit: 0 })).epoch };
    for (let page = await there.history({ limit: 3, since }); page.publications.length > 0; ) {
      read.push(...page.publications.map(({ data }) => data));
      since = { offset: page.publications.at(-1).offset, epoch: page.epoch };
      page = await there.history({ limit: 3, since });
    }
    assert.deepEqual(read, [1, 2, 3, 4, 5, 6, 7]);
    const before = await there.history({ limit: 2, reverse: true, since: { ...since, offset: 4 } });
    assert.deepEqual(before.publications.map(({ data }) => data), [3, 2]);
    await assert.rejects(there.history({ limit: 1, since: { offset: 1, epoch: 'another' } }), (error) => error.code === 112);
    ann.disconnect();
  },

  async hearsTheSameAsAPlainSocket() {
    const ann = await connected();
    const socket = await plain('demo:mixed');
    const heard = [];
    const there = await subscribed(ann, 'demo:mixed');
    there.on('publication', ({ data, offset }) => heard.push([offset, data]));
    for (let i = 0; i < 50; i++) {
      socket.say('channel:publish', { channel: 'demo:mixed', data: `plain ${i}` });
      there.publish(`sdk ${i}`);
    }
    await until(() => heard.length === 100 && socket.heard.length === 100, 'all on both');
    assert.deepEqual(heard, socket.heard);
    assert.deepEqual(heard.map(([offset]) => offset), Array.from({ length: 100 }, (_, i) => i + 1));
    socket.terminate();
    ann.disconnect();
  },

  async sendsManyCommandsAtOnce() {
    const ann = await connected();
    ann.startBatching();
    const answers = Array.from({ length: 50 }, (_, i) => ann.publish('demo:batched', i));
    ann.stopBatching();
    await Promise.all(answers);
    const { publications } = await ann.history('demo:batched', { limit: 100 });
    assert.deepEqual(publications.map(({ data }) => data), Array.from({ length: 50 }, (_, i) => i));
    ann.disconnect();
  },

  async refreshesTheTokenOfASubscription() {
    const ann = await connected({ token: token(3600) });
    let asked = 0;
    const grant = (seconds) => token(3600, { channel: 'secret:sdk', expire_at: soon(seconds) });
    const there = await subscribed(ann, 'secret:sdk', {
      token: grant(6),
      getToken: async () => {
        asked++;
        return grant(3600);
      },
    });
    let lost = 0;
    there.on('subscribing', () => lost++);
    there.on('unsubscribed', () => lost++);
    await until(() => asked === 1, 'a refresh');
    assert.ok((await there.history({ limit: 1 })).epoch);
    assert.equal(lost, 0);
    const refused = ann.newSubscription('secret:other', { token: grant(60) });
    const event = next(refused, 'unsubscribed');
    refused.subscribe();
    assert.equal((await event).code, 103);
    ann.disconnect();
  },

  async doesWhatTheServerWants() {
    const made = await connected({ token: token(3600, { sub: 'told' }) });
    const there = await subscribed(made, 'demo:told');
    const out = next(there, 'unsubscribed');
    await call('unsubscribe', { user: 'told', channel: 'demo:told' });
    assert.equal((await out).code, 2000);
    const heard = [];
    made.on('publication', ({ channel, data, tags }) => heard.push([channel, data, tags?.event]));
    const begun = next(made, 'subscribed');
    await call('subscribe', { user: 'told', channel: 'user:told' });
    assert.equal((await begun).channel, 'user:told');
    await call('publish', { channel: 'user:told', data: 1, tags: { event: 'news' } });
    await until(() => heard.length === 1, 'a publication');
    assert.deepEqual(heard, [['user:told', 1, 'news']]);
    const back = next(made, 'connected');
    await call('disconnect', { user: 'told', disconnect: { code: 3011 } });
    await back;
    const end = next(made, 'disconnected');
    await call('disconnect', { user: 'told' });
    const { code, reason } = await end;
    assert.deepEqual({ code, reason }, { code: 3503, reason: 'force disconnect' });
  },

  async refreshesItsToken() {
    let asked = 0;
    const seconds = 12;
    const made = await connected({
      token: token(seconds),
      getToken: async () => {
        asked++;
        return token(3600);
      },
    });
    const end = Date.now() + 1000 * seconds;
    let lost = 0;
    made.on('connecting', () => lost++);
    await until(() => asked === 1, 'a refresh');
    await until(() => Date.now() > end + 1000, 'the end of the first token');
    assert.equal(lost, 0);
    assert.equal(made.state, 'connected');
    made.disconnect();
  },

  async listensWhereItsTokenSays() {
    const made = client({ token: token(3600, { channels: ['demo:server-side'] }) });
    const heard = [];
    made.on('publication', ({ channel, data }) => heard.push([channel, data]));
    const event = next(made, 'subscribed');
    made.connect();
    assert.equal((await event).channel, 'demo:server-side');
    const ben = await connected();
    await ben.publish('demo:server-side', 1);
    await until(() => heard.length === 1, 'a publication');
    const back = next(made, 'subscribed');
    made.kill();
    await ben.publish('demo:server-side', 2);
    assert.equal((await back).recovered, true);
    await until(() => heard.length === 2, 'what was missed');
    assert.deepEqual(heard, [['demo:server-side', 1], ['demo:server-side', 2]]);
    made.disconnect();
    ben.disconnect();
  },

  async isRefusedWithAWrongToken() {
    const made = client({ token: 'x.y.z' });
    const event = next(made, 'disconnected');
    made.connect();
    assert.equal((await event).code, 3500);
  },

  async callsMethods() {
    const made = await connected();
    assert.equal((await made.rpc('ping', {})).data, 'pong');
    assert.ok(Date.parse((await made.rpc('now', {})).data.now));
    await assert.rejects(made.rpc('dance', {}), (error) => error.code === 104);
    await made.send({ a: 1 });
    made.disconnect();
  },
};

for (const [name, scenario] of Object.entries(scenarios)) {
  try {
    await scenario();
  } catch (error) {
    console.log(`${name}: ${error?.stack ?? JSON.stringify(error)}`);
    process.exit(1);
  }
}
console.log('ok');
process.exit(0);
