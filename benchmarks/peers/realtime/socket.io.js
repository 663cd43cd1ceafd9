/** Channels on socket.io's rooms, over WebSockets from the start. For benchmarks alone. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer();
const io = new Server(server, { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  socket.on('channel:subscribe', ({ channel }) => {
    socket.join(channel);
    socket.emit('channel:subscribed', { channel });
  });
  socket.on('channel:publish', ({ channel, data }) => {
    io.to(channel).emit('channel:message', { channel, data, event: 'message', offset: 0 });
    socket.emit('ok', {});
  });
});

server.listen(0, '127.0.0.1', 4096, () => console.log(`ready at http://127.0.0.1:${server.address().port}`));
