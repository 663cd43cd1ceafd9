/** The export page: from a dataset and what is wanted of it to a preview, an address, and a file. */
import { canWriteToDisk, exportFileName, MEMORY_LIMIT } from '../client/export.js';
import { address, Api } from './api.js';
import { DatasetList, estimate, loadCatalogue } from './catalogue.js';
import { copyButton } from './copy.js';
import { curlLine } from './curl.js';
import { byId, show } from './dom.js';
import { Columns, Filters, Order, Parameters } from './editors.js';
import { Preview } from './preview.js';
import { exportPath } from './query.js';
import { Session } from './session.js';
import { SignIn } from './signin.js';
import { readStats } from './status.js';
import { Transfer } from './transfer.js';
import { megabytes } from './format.js';
import { explain } from './words.js';

const session = new Session();
const api = new Api(session);
const signIn = new SignIn(session);
const list = new DatasetList();
const parameters = new Parameters(changed);
const columns = new Columns(changed);
const filters = new Filters(byId('filters'), changed);
const order = new Order(byId('order'), changed);
const preview = new Preview(api);
const transfer = new Transfer(api, allowDownload);
let dataset = null;

await start();

async function start() {
  list.addEventListener('choose', ({ detail }) => choose(detail));
  byId('output').addEventListener('change', changed);
  byId('download').onclick = () => transfer.run(choice());
  byId('url-line').append(copyButton(() => byId('url').textContent, 'Copy the address'));
  byId('curl-line').append(copyButton(() => byId('curl').textContent, 'Copy the curl line'));
  byId('where').textContent = where();
  await session.start();
  session.addEventListener('change', fill);
  await Promise.all([fill(), greet()]);
}

async function greet() {
  if ((await readStats(api))?.demo) signIn.offerDemoAccounts();
}

/** What this caller may read; said in words when that is nothing. */
async function fill() {
  try {
    const datasets = await loadCatalogue(api);
    show(byId('builder'), datasets.length > 0);
    if (datasets.length > 0) list.show(datasets);
    tell(datasets.length > 0 ? '' : nothing());
  } catch (error) {
    const { title, detail } = explain(error);
    tell(`${title}. ${detail}`);
  }
}

function nothing() {
  return session.user
    ? 'There is no dataset that your account may read.'
    : 'There is no dataset that everybody may read. Sign in to see yours.';
}

function tell(text) {
  byId('notice').textContent = text;
  show(byId('notice'), text !== '');
}

function choose(chosen) {
  dataset = chosen;
  byId('dataset-name').textContent = chosen.name;
  byId('dataset-size').textContent = estimate(chosen);
  byId('dataset-key').textContent = chosen.key?.length > 0 ? `in the order of ${chosen.key.join(', ')}` : '';
  parameters.reset(chosen.parameters ?? []);
  columns.reset(chosen.columns);
  filters.reset(chosen.columns);
  order.reset(chosen.columns);
  offerFormats(chosen.formats);
  changed();
}

function offerFormats(formats) {
  const radios = [...byId('output').elements.format];
  radios.forEach((radio) => show(radio.parentElement, formats.includes(radio.value)));
  if (!radios.some(({ checked, value }) => checked && formats.includes(value))) {
    radios.find(({ value }) => formats.includes(value)).checked = true;
  }
}

function choice() {
  const { format, header, excel } = byId('output').elements;
  return {
    dataset: dataset.name,
    names: list.names,
    parameters: parameters.value(),
    columns: columns.value(),
    filters: filters.value(),
    order: order.value(),
    format: format.value,
    header: header.checked,
    excel: excel.checked,
  };
}

/** Everything that is shown of the choice, after any control changed. */
function changed() {
  const wanted = choice();
  const problem = unfit(wanted);
  allowDownload();
  show(byId('csv-options'), wanted.format === 'csv');
  showAddress(wanted);
  if (problem) preview.clear(problem);
  else preview.show(wanted, shownColumns());
}

function allowDownload() {
  byId('download').disabled = transfer.isRunning || unfit(choice()) !== null;
}

function unfit({ columns: chosen }) {
  if (chosen?.length === 0) return 'Choose a column.';
  const missing = parameters.missing();
  return missing ? `${missing} needs a value.` : null;
}

function shownColumns() {
  const chosen = new Set(columns.chosen());
  return dataset.columns.filter(({ name }) => chosen.has(name));
}

function showAddress(wanted) {
  const url = address(exportPath(wanted));
  const signedIn = session.user !== null;
  const name = exportFileName(wanted.dataset, wanted.format);
  byId('url').textContent = url;
  byId('plain-link').href = url;
  byId('curl').textContent = curlLine(url, name, signedIn);
  show(byId('token-note'), signedIn);
  byId('download').textContent = `Download ${name}`;
}

function where() {
  return canWriteToDisk()
    ? 'Goes straight to disk, whatever its size.'
    : `This browser cannot write to disk as data come: this page takes up to ${megabytes(MEMORY_LIMIT)} in memory.`;
}
