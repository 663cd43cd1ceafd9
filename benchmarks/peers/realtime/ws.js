/**
 * Channels on npm's ws, in the form of Sluice's /ws. The text is encoded once for all. With CORK=1 each socket is corked
 * until the end of the turn, so that several messages leave in one write. For benchmarks alone.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const channels = new Map();
const corks = process.env.CORK === '1';
const corked = new Set();
const server = createServer();

new WebSocketServer({ server, path: '/ws' }).on('connection', (socket) => {
  const own = [];
  say(socket, 'connected', {});
  socket.on('error', () => {});
  socket.on('close', () => own.forEach((members) => members.delete(socket)));
  socket.on('message', (text) => {
    const { type, payload } = JSON.parse(text);
    if (type === 'channel:subscribe') {
      own.push(join(socket, payload.channel));
      say(socket, 'channel:subscribed', { channel: payload.channel });
    } else if (type === 'channel:publish') {
      tell(payload);
      say(socket, 'ok', {});
    }
  });
});

function join(socket, channel) {
  const members = channels.get(channel) ?? new Set();
  channels.set(channel, members.add(socket));
  return members;
}

function tell({ channel, data }) {
  const text = message('channel:message', { channel, data, event: 'message', offset: 0 });
  const bytes = Buffer.from(text);
  for (const member of channels.get(channel) ?? []) {
    if (corks) cork(member._socket);
    member.send(bytes, { binary: false });
  }
}

function cork(socket) {
  if (corked.has(socket)) return;
  if (corked.size === 0) setImmediate(uncork);
  corked.add(socket);
  socket.cork();
}

function uncork() {
  corked.forEach((socket) => socket.uncork());
  corked.clear();
}

function say(socket, type, payload) {
  socket.send(message(type, payload));
}

function message(type, payload) {
  return JSON.stringify({ type, payload, ts: Date.now() });
}

server.listen(0, '127.0.0.1', 4096, () => console.log(`ready at http://127.0.0.1:${server.address().port}`));
