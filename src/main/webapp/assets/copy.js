/** Copy buttons beside lines of code. */
import { el } from './dom.js';

const SAID_MS = 1500;

/** A button that copies what `text()` gives when it is pressed. */
export function copyButton(text, label) {
  const button = el('button', { type: 'button', className: 'copy', aria: { label } }, 'Copy');
  button.onclick = async () => {
    say(button, (await copied(text())) ? 'Copied' : 'Select it');
  };
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function say(button, word) {
  button.textContent = word;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => (button.textContent = 'Copy'), SAID_MS);
}
