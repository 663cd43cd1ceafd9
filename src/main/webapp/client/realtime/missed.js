/** What was said in a room while its client was away, from the history that the server keeps. */

const PAGE = 300;
/** More than that nobody reads after a break: of longer ones the newest are read, and it is told how many are not. */
const PAGES_MOST = 3;

/**
 * Reads what came after one offset up to another.
 *
 * @param history gives the publications after an offset, at most so many; null when they cannot be had
 * @returns `{ publications, missing }`: in their order, and how many there were that are not among them; null when they
 *     cannot be had
 */
export async function readMissed(history, from, to) {
  const publications = [];
  let after = Math.max(from, to - PAGES_MOST * PAGE);
  let missing = after - from;
  while (after < to) {
    const page = await history(after, PAGE);
    if (page === null) return null;
    if (page.length === 0) return { publications, missing: missing + to - after };
    missing += page[0].offset - after - 1;
    publications.push(...page);
    after = page.at(-1).offset;
  }
  return { publications, missing };
}

/** The messages among publications, as the server tells them live, without those that were taken back. */
export function messagesOf(publications) {
  return publications.filter(({ event, data }) => event === 'message' && data?.deleted !== true).map(messageOf);
}

/** The offsets of messages that were taken back meanwhile. */
export function deletionsOf(publications) {
  return publications.filter(({ event }) => event === 'deleted').map(({ data }) => data.offset);
}

/** Servers may publish in a room what they like. */
function messageOf({ data, offset, ts }) {
  const text = typeof data?.text === 'string' ? data.text : JSON.stringify(data);
  return { from: data?.from ?? '', userId: data?.userId ?? '', text, ts: data?.ts ?? ts, offset };
}
