/** Numbers as people read them. Sizes are decimal: 1 MB is 1,000,000 bytes. */

const WHOLE = new Intl.NumberFormat('en');
const ONE_DIGIT = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function count(number) {
  return WHOLE.format(number);
}

export function rows(number) {
  return number === 1 ? '1 row' : `${count(number)} rows`;
}

export function megabytes(bytes) {
  return `${ONE_DIGIT.format(bytes / 1e6)} MB`;
}

export function megabytesPerSecond(bytesPerSecond) {
  return `${ONE_DIGIT.format(bytesPerSecond / 1e6)} MB/s`;
}

export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${ONE_DIGIT.format(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
