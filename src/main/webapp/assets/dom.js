/** Builds elements. Whatever comes from a server goes in as text, never as markup. */

/** An element with properties (`className`, `onclick`, …), `data` and `aria` attributes, and children or texts. */
export function el(tag, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children);
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Shows or hides without leaving a hidden control in the tab order. */
export function show(element, visible) {
  element.hidden = !visible;
}
