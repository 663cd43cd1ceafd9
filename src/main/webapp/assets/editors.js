/** The controls that refine an export: parameters, columns, filters, order. Each tells `changed` when its value did. */
import { byId, el, show } from './dom.js';
import { OPERATORS } from './query.js';

const HINTS = [
  [/^timestamp/, '2026-01-31T12:00:00Z'],
  [/^date$/, '2026-01-31'],
  [/^time/, '12:00'],
  [/^(smallint|integer|bigint)/, '100'],
  [/^(real|double|numeric)/, '12.5'],
  [/^boolean/, 'true'],
  [/^uuid/, 'uuid'],
];

/** Values that a dataset of its own SQL asks for. */
export class Parameters {
  #inputs = [];
  #box = byId('parameters');
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  reset(parameters) {
    this.#inputs = parameters.map(({ name, required }) =>
      el('input', { name, required: Boolean(required), autocomplete: 'off', oninput: this.#changed }),
    );
    const fields = parameters.map((parameter, i) => field(parameter, this.#inputs[i]));
    this.#box.querySelector('.rows').replaceChildren(...fields);
    show(this.#box, parameters.length > 0);
  }

  value() {
    return Object.fromEntries(this.#inputs.filter(({ value }) => value !== '').map(({ name, value }) => [name, value]));
  }

  /** The first one that is needed and has no value. */
  missing() {
    return this.#inputs.find(({ required, value }) => required && value === '')?.name;
  }
}

function field({ name, type, required }, input) {
  return el('label', {}, name, el('small', {}, required ? `${type}, needed` : type), input);
}

export class Columns {
  #boxes = [];
  #list = byId('columns').querySelector('.rows');
  #changed;

  constructor(changed) {
    this.#changed = changed;
    byId('columns-all').onclick = () => this.#setAll(true);
    byId('columns-none').onclick = () => this.#setAll(false);
  }

  reset(columns) {
    this.#boxes = columns.map(({ name }) =>
      el('input', { type: 'checkbox', checked: true, value: name, onchange: this.#changed }),
    );
    const labels = columns.map(({ name, type }, i) =>
      el('label', {}, this.#boxes[i], el('span', {}, name), el('small', {}, type)),
    );
    this.#list.replaceChildren(...labels);
  }

  /** The names chosen; null for all. */
  value() {
    return this.#boxes.every(({ checked }) => checked) ? null : this.chosen();
  }

  chosen() {
    return this.#boxes.filter(({ checked }) => checked).map(({ value }) => value);
  }

  #setAll(checked) {
    for (const box of this.#boxes) box.checked = checked;
    this.#changed();
  }
}

/** A list of lines that can be added and removed. */
class Lines {
  columns = [];
  #list;
  #changed;

  constructor(box, changed) {
    this.#list = box.querySelector('.rows');
    this.#changed = changed;
    box.querySelector('.add').onclick = () => this.#add();
  }

  reset(columns) {
    this.columns = columns;
    this.#list.replaceChildren();
  }

  value() {
    return [...this.#list.children].map((line) => this.read(line));
  }

  #add() {
    const line = el('div', { className: 'line' }, ...this.controls(), this.#removeButton());
    line.oninput = () => this.#changed();
    this.#list.append(line);
    line.querySelector('select').focus();
    this.#changed();
  }

  #removeButton() {
    const button = el('button', { type: 'button', className: 'remove', aria: { label: this.removeLabel } }, '\u00d7');
    button.onclick = () => {
      const next = button.parentElement.nextElementSibling?.querySelector('select');
      button.parentElement.remove();
      (next ?? this.#list.parentElement.querySelector('.add')).focus();
      this.#changed();
    };
    return button;
  }
}

export class Filters extends Lines {
  removeLabel = 'Remove this filter';

  controls() {
    const column = select(this.columns.map(({ name }) => [name, name]), 'Column');
    const operator = select(OPERATORS.map(({ id, label }) => [id, label]), 'Comparison');
    const value = el('input', { className: 'value', autocomplete: 'off', spellcheck: false, aria: { label: 'Value' } });
    const hint = () => this.#hint(column, operator, value);
    column.onchange = hint;
    operator.onchange = hint;
    hint();
    return [column, operator, value];
  }

  read(line) {
    const [column, operator, value] = line.children;
    return { column: column.value, operator: operator.value, value: value.hidden ? '' : value.value };
  }

  #hint(column, operator, value) {
    const { type } = this.columns.find(({ name }) => name === column.value);
    const example = HINTS.find(([pattern]) => pattern.test(type))?.[1] ?? 'value';
    const samples = { in: 'one, two, three', like: 'a*', ilike: 'a*' };
    value.placeholder = samples[operator.value] ?? example;
    show(value, OPERATORS.find(({ id }) => id === operator.value).takesValue);
  }
}

export class Order extends Lines {
  removeLabel = 'Remove from the order';

  controls() {
    return [
      select(this.columns.map(({ name }) => [name, name]), 'Column'),
      select([['asc', 'ascending'], ['desc', 'descending']], 'Direction'),
    ];
  }

  read(line) {
    const [column, direction] = line.children;
    return { column: column.value, descending: direction.value === 'desc' };
  }
}

function select(entries, label) {
  return el('select', { aria: { label } }, ...entries.map(([value, text]) => el('option', { value }, text)));
}
