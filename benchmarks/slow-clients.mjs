// Slow clients and newcomers: node slow-clients.mjs URL CLIENTS BYTES_PER_SECOND SECONDS
// Prints the newcomers' time to the first byte, second by second, and the server's figures at the end, as markdown.
import http from 'node:http';
import net from 'node:net';

const [url, clients, rate, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const target = new URL(url);
const TICK = 100;

/** Asks for the export and takes so many bytes a second of it. */
function slowClient() {
    const state = { bytes: 0, first: 0, broken: false };
    const start = performance.now();
    const socket = net.connect({ host: target.hostname, port: target.port, readableHighWaterMark: 4096 });
    socket.write(`GET ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`);
    socket.on('error', () => { state.broken = true; });
    socket.on('end', () => { state.broken = true; });
    const timer = setInterval(() => {
        let left = rate * TICK / 1000;
        while (left > 0) {
            const chunk = socket.read(Math.min(left, socket.readableLength)) ?? socket.read();
            if (!chunk) break;
            state.first ||= performance.now() - start;
            state.bytes += chunk.length;
            left -= chunk.length;
        }
    }, TICK);
    socket.on('readable', () => {});
    state.stop = () => { clearInterval(timer); socket.resetAndDestroy(); };
    return state;
}

/** Milliseconds to the first byte of the answer. */
function newcomer() {
    return new Promise((resolve, reject) => {
        const start = performance.now();
        const request = http.get(url, { agent: false }, response => response.once('data', () => {
            resolve(performance.now() - start);
            request.destroy();
        }));
        request.on('error', reject);
    });
}

async function stats() {
    return (await (await fetch(new URL('/api/stats', target))).json()).exports;
}

const sleep = ms => new Promise(done => setTimeout(done, ms));
const all = Array.from({ length: clients }, slowClient);
const waits = [];
const until = performance.now() + seconds * 1000;
while (performance.now() < until) {
    const next = performance.now() + 1000;
    waits.push(await newcomer());
    await sleep(Math.max(0, next - performance.now()));
}
const figures = await stats();
const firsts = all.map(client => client.first).sort((a, b) => a - b);
const sorted = [...waits].sort((a, b) => a - b);
const round = ms => Math.round(ms);
console.log(`| newcomers | median | max | in the first five seconds |`);
console.log(`|---|---|---|---|`);
console.log(`| ${waits.length} | ${round(sorted[sorted.length >> 1])} ms | ${round(sorted.at(-1))} ms |`
    + ` ${waits.slice(0, 5).map(round).join(', ')} ms |`);
console.log();
console.log(`The slow clients' own first byte: median ${round(firsts[firsts.length >> 1])} ms, max ${round(firsts.at(-1))} ms;`
    + ` broken: ${all.filter(client => client.broken).length}.`);
console.log(`Then: ${figures.running} exports hold a connection, ${figures.spooled} are served from the spool`
    + ` (${(figures.spoolBytes / 1e6).toFixed(0)} MB), ${figures.waiting} wait.`);
all.forEach(client => client.stop());
