/** How long to wait before the next connection, by how the last one ended. */

const LONGEST_MS = 20_000;

/** Close codes after which the server needs a rest. See docs/reference/sockets.md. */
const LEAST_MS = { 1008: 10_000, 1009: 5_000, 1011: 5_000, 1013: 5_000 };

/**
 * Twice as long after each failure in a row, and never all clients at once.
 *
 * @param failures in a row, this one included
 * @param some a random number from 0 to 1
 */
export function pauseAfter(code, failures, backoff, some = Math.random()) {
  const grown = Math.min(backoff * 2 ** (failures - 1), LONGEST_MS);
  return Math.round((LEAST_MS[code] ?? 0) + grown * (0.5 + some / 2));
}
