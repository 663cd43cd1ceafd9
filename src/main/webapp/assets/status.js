/** What the server is doing, from its own figures, as long as the page is in view and the caller may see them. */

const EVERY_MS = 3000;

/** The figures; null when this caller may not see them. */
export async function readStats(api) {
  return api.json('api/stats').catch(() => null);
}

/** Calls `told(stats)` every few seconds, until the figures stop coming; then `ended()`. */
export function watchStats(api, told, ended) {
  setTimeout(async () => {
    const stats = document.hidden ? undefined : await readStats(api);
    if (stats === null) {
      ended();
      return;
    }
    if (stats) told(stats);
    watchStats(api, told, ended);
  }, EVERY_MS);
}
