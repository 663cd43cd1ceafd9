// Slow clients and newcomers: node slow-clients.mjs URL CLIENTS BYTES_PER_SECOND SECONDS MOST_MILLIS
// Prints the newcomers' time to the first byte, second by second, and the server's figures at the end, as markdown.
// Exits with 1 when a newcomer waited for longer than MOST_MILLIS or was refused, or a slow client was cut.
import http from 'node:http';
import net from 'node:net';

const [url, clients, rate, seconds, most] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const target = new URL(url);
const TICK = 100;
const PATIENCE = 60_000;

/** Asks for the export and takes so many bytes a second of it. */
function slowClient() {
    const state = { bytes: 0, first: Infinity, broken: false };
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
            state.first = Math.min(state.first, performance.now() - start);
            state.bytes += chunk.length;
            left -= chunk.length;
        }
    }, TICK);
    socket.on('readable', () => {});
    state.stop = () => { clearInterval(timer); socket.resetAndDestroy(); };
    return state;
}

/** Milliseconds to the first byte of the answer; infinite when there is none, or another answer. */
function newcomer() {
    return new Promise(resolve => {
        const start = performance.now();
        const request = http.get(url, { agent: false, timeout: PATIENCE }, response => response.once('data', () => {
            resolve(response.statusCode === 200 ? performance.now() - start : Infinity);
            request.destroy();
        }));
        request.on('timeout', () => request.destroy());
        request.on('error', () => resolve(Infinity));
    });
}

async function stats() {
    return (await (await fetch(new URL('/api/stats', target))).json()).exports;
}

const sleep = ms => new Promise(done => setTimeout(done, ms));
const all = Array.from({ length: clients }, slowClient);
const newcomers = [];
const start = performance.now();
for (let second = 0; second < seconds; second++) {
    // In the middle of each second, the first one too: who comes in the same moment as the crowd is one of it. The next
    // one comes whether or not the one before has its answer.
    await sleep(start + second * 1000 + 500 - performance.now());
    newcomers.push(newcomer());
}
const waits = await Promise.all(newcomers);
await sleep(start + seconds * 1000 - performance.now());
const figures = await stats();
const firsts = all.map(client => client.first).sort((a, b) => a - b);
const sorted = [...waits].sort((a, b) => a - b);
const broken = all.filter(client => client.broken).length;
const middle = list => list[list.length >> 1];
const ms = time => `${Math.round(time)} ms`;
const verdicts = [
    [sorted.at(-1) <= most, `every newcomer has its first byte within ${most} ms`],
    [broken === 0, 'no slow client is cut'],
    [figures.connections <= figures.limits.running, `at most ${figures.limits.running} connections are in use`],
];
console.log('| newcomers | median | max | second by second |');
console.log('|---|---|---|---|');
console.log(`| ${waits.length} | ${ms(middle(sorted))} | ${ms(sorted.at(-1))} | ${waits.map(Math.round).join(' ')} |`);
console.log();
console.log(`The slow clients' own first byte: median ${ms(middle(firsts))}, max ${ms(firsts.at(-1))}; they have read`
    + ` ${(all.reduce((sum, client) => sum + client.bytes, 0) / clients / seconds / 1000).toFixed(0)} kB/s each.`);
console.log(`Then: ${figures.connections} connections are in use and ${figures.running} exports run;`
    + ` ${figures.spooled} are served from the spool (${(figures.spoolBytes / 1e6).toFixed(0)} MB), ${figures.waiting} wait.`);
console.log();
verdicts.forEach(([held, what]) => console.log(`${held ? 'yes' : '**no**'}: ${what}`));
all.forEach(client => client.stop());
process.exitCode = verdicts.every(([held]) => held) ? 0 : 1;
