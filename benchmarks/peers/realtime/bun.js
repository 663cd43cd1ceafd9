/** Channels on Bun's own topics (uWebSockets), in the form of Sluice's /ws. For benchmarks alone. */
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response('', { status: 404 });
  },
  websocket: {
    idleTimeout: 0,
    open(socket) {
      socket.send(message('connected', {}));
    },
    message(socket, text) {
      const { type, payload } = JSON.parse(text);
      if (type === 'channel:subscribe') {
        socket.subscribe(payload.channel);
        socket.send(message('channel:subscribed', { channel: payload.channel }));
      } else if (type === 'channel:publish') {
        const { channel, data } = payload;
        server.publish(channel, message('channel:message', { channel, data, event: 'message', offset: 0 }));
        socket.send(message('ok', {}));
      }
    },
  },
});

function message(type, payload) {
  return JSON.stringify({ type, payload, ts: Date.now() });
}

console.log(`ready at http://127.0.0.1:${server.port}`);
