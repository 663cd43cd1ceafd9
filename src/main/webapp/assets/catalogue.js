/** The list of datasets, of which one is chosen. The choice is in the address, so that it can be linked to. */
import { byId, el, show } from './dom.js';
import { rows } from './format.js';

const PAGE = 100;
const FIND_ABOVE = 8;

/** All datasets the caller may read. */
export async function loadCatalogue(api) {
  const datasets = [];
  for (let after = ''; after !== null; ) {
    const page = await api.json(`api/export?limit=${PAGE}${after && `&after=${encodeURIComponent(after)}`}`);
    datasets.push(...page.datasets);
    after = page.next ?? null;
  }
  return datasets;
}

export class DatasetList extends EventTarget {
  #list = byId('datasets');
  #find = byId('find');
  #datasets = [];
  #chosen = null;

  constructor() {
    super();
    this.#find.oninput = () => this.#filter();
    window.addEventListener('hashchange', () => this.#choose(this.#linked()));
  }

  get names() {
    return this.#datasets.map(({ name }) => name);
  }

  show(datasets) {
    this.#datasets = datasets;
    this.#list.replaceChildren(...datasets.map((dataset) => this.#entry(dataset)));
    show(this.#find, datasets.length > FIND_ABOVE);
    this.#choose(this.#linked() ?? datasets[0]);
  }

  #entry(dataset) {
    const radio = el('input', { type: 'radio', name: 'dataset', value: dataset.name });
    radio.onchange = () => this.#choose(dataset);
    return el('label', {}, radio, el('span', {}, dataset.name), el('small', {}, estimate(dataset)));
  }

  #linked() {
    const name = decodeURIComponent(location.hash.slice(1));
    return this.#datasets.find((dataset) => dataset.name === name);
  }

  #choose(dataset) {
    if (!dataset || dataset === this.#chosen) return;
    this.#chosen = dataset;
    const radios = [...this.#list.querySelectorAll('input')];
    radios.find(({ value }) => value === dataset.name).checked = true;
    history.replaceState(null, '', `#${encodeURIComponent(dataset.name)}`);
    this.dispatchEvent(new CustomEvent('choose', { detail: dataset }));
  }

  #filter() {
    const wanted = this.#find.value.toLowerCase();
    for (const label of this.#list.children) {
      show(label, label.querySelector('input').value.toLowerCase().includes(wanted));
    }
  }
}

export function estimate({ estimatedRows }) {
  return estimatedRows >= 0 ? `about ${rows(estimatedRows)}` : '';
}
