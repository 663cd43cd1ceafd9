import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

const stored = new Map();
const asked = [];
let answers = {};

globalThis.navigator ??= {};
globalThis.localStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
  removeItem: (key) => stored.delete(key),
};
/** No other tab listens, and none keeps the process alive. */
globalThis.BroadcastChannel = class {
  postMessage() {}
};
globalThis.fetch = async (url, { headers = {} } = {}) => {
  const path = url.slice(url.indexOf('api/'));
  asked.push([path, headers.Authorization]);
  const [status, body] = answers[path](headers);
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } });
};

const { Api } = await import('../../main/webapp/assets/api.js');
const { Session } = await import('../../main/webapp/assets/session.js');

const USER = { id: '1', email: 'a@example.com', name: 'A', roles: [] };
let given = 0;
const tokens = (expiresIn) => () => [200, { accessToken: `token-${++given}`, expiresIn, user: USER }];
const refused = () => [401, { title: 'A valid token is needed', code: 'unauthorized' }];

beforeEach(() => {
  given = 0;
  answers = { 'api/auth/login': tokens(900), 'api/auth/refresh': tokens(900) };
});

afterEach(() => {
  stored.clear();
  asked.length = 0;
});

test('a reader who never signed in costs no request', async () => {
  const session = new Session();
  await session.start();
  assert.equal(await session.token(), null);
  assert.deepEqual(asked, []);
});

test('an earlier sign-in is taken up by the cookie', async () => {
  await new Session().signIn('a@example.com', 'x');
  const session = new Session();
  await session.start();
  assert.equal(session.user.id, '1');
  assert.equal(await session.token(), 'token-2');
});

test('a token about to expire is renewed once, however many ask', async () => {
  answers['api/auth/login'] = tokens(5);
  const session = new Session();
  await session.signIn('a@example.com', 'x');
  const got = await Promise.all([session.token(), session.token(), session.token()]);
  assert.deepEqual(got, ['token-2', 'token-2', 'token-2']);
  assert.equal(asked.filter(([path]) => path === 'api/auth/refresh').length, 1);
});

test('a refused renewal signs out, and says so', async () => {
  const session = new Session();
  await session.signIn('a@example.com', 'x');
  answers['api/auth/refresh'] = refused;
  let told = 0;
  session.addEventListener('change', () => told++);
  await assert.rejects(session.renew('token-1'), { status: 401 });
  assert.equal(session.user, null);
  assert.equal(told, 1);
  assert.equal(stored.size, 0);
});

test('a request whose token is refused is sent again with a new one', async () => {
  const session = new Session();
  await session.signIn('a@example.com', 'x');
  answers['api/export'] = ({ Authorization }) => (Authorization === 'Bearer token-2' ? [200, { datasets: [] }] : refused());
  assert.deepEqual(await new Api(session).json('api/export'), { datasets: [] });
});

test('a problem document becomes an error with its code', async () => {
  answers['api/export'] = () => [403, { title: 'Not allowed', detail: 'You may not.', code: 'forbidden' }];
  await assert.rejects(new Api(new Session()).send('api/export'), { status: 403, code: 'forbidden', detail: 'You may not.' });
});
