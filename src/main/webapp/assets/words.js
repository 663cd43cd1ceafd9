/** Errors in words a reader can act on: a title and a sentence. */

const ADVICE = {
  401: 'Sign in, or choose a dataset that is open to everybody.',
  403: 'Your account has no right to this. An admin can give it the role it needs.',
  429: 'You have as many exports running as one caller may.',
  503: 'The server is busy or shutting down.',
};

/** @returns {{title: string, detail: string}} what to show for anything that was thrown */
export function explain(error) {
  if (typeof error.status !== 'number') return unanswered(error);
  const { title = error.message, detail = '' } = error.problem ?? error;
  return { title, detail: sentences(detail, ADVICE[error.status], again(error.retryAfter)) };
}

function unanswered(error) {
  if (error.code === 'broken') return { title: 'The connection broke', detail: '' };
  return error.code === 'unreachable' || error.name === 'TypeError' || error.name === 'NetworkError'
    ? { title: 'The server cannot be reached', detail: 'It may be restarting, or the network is down.' }
    : { title: 'Something went wrong in this page', detail: String(error.message ?? error) };
}

function again(seconds) {
  if (seconds === null || seconds === undefined) return '';
  return seconds === 1 ? 'Try again in a second.' : `Try again in ${seconds} seconds.`;
}

function sentences(...parts) {
  return parts.filter(Boolean).join(' ');
}
