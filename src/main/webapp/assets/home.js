/** The start page: lines to copy with this server's own address, and what the server is doing now. */
import { address, Api } from './api.js';
import { loadCatalogue } from './catalogue.js';
import { copyButton } from './copy.js';
import { byId, el, show } from './dom.js';
import { count, megabytes, rows } from './format.js';
import { Session } from './session.js';
import { SignIn } from './signin.js';
import { readStats, watchStats } from './status.js';

const WRITTEN_FOR = 'http://localhost:8080/';
const MOST_OPEN = 4;

const session = new Session();
const api = new Api(session);
const signIn = new SignIn(session);
let watching = false;

document.querySelectorAll('pre.command').forEach(prepare);
await session.start();
session.addEventListener('change', greet);
await greet();

/** Gives a line this server's address and a button to copy it. */
function prepare(line) {
  const code = line.querySelector('code');
  code.textContent = code.textContent.replaceAll(WRITTEN_FOR, address(''));
  line.append(copyButton(() => code.textContent, 'Copy this line'));
}

/** The lines that name demo data and demo accounts are for a demo; others get a dataset that is really there. */
async function greet() {
  const [stats, datasets] = await Promise.all([readStats(api), loadCatalogue(api).catch(() => [])]);
  const isDemo = stats?.demo === true;
  document.querySelectorAll('[data-when]').forEach((part) => show(part, (part.dataset.when === 'demo') === isDemo));
  if (isDemo) signIn.offerDemoAccounts();
  else if (datasets.length > 0) nameDataset(datasets[0].name);
  byId('catalogue').replaceChildren(...datasets.slice(0, 6).map(link));
  if (stats) watch(stats);
}

function watch(stats) {
  showStats(stats);
  if (!watching) watchStats(api, showStats, () => (watching = false));
  watching = true;
}

function nameDataset(name) {
  for (const code of document.querySelectorAll('[data-when=own] code')) {
    code.textContent = code.textContent.replaceAll('DATASET', encodeURIComponent(name));
  }
}

function link({ name, estimatedRows }) {
  const size = estimatedRows >= 0 ? `about ${rows(estimatedRows)}` : '';
  return el('li', {}, el('a', { href: `exports#${encodeURIComponent(name)}` }, name), el('small', {}, size));
}

function showStats({ version, exports = {}, heap }) {
  const running = exports.running ?? 0;
  byId('gate').dataset.open = Math.min(running, MOST_OPEN);
  byId('status-exports').textContent = running === 1 ? '1 export' : `${count(running)} exports`;
  byId('status-waiting').textContent = exports.waiting > 0 ? `${count(exports.waiting)} waiting` : 'none waiting';
  if (heap) byId('status-heap').textContent = `${megabytes(heap.used)} of ${megabytes(heap.max)}`;
  if (version) byId('version').textContent = version;
  show(byId('status'), true);
}
