/** The same request as a line for a shell. */

/** @param signedIn whether the line has to carry a token: the reader's own, from `$TOKEN` */
export function curlLine(url, file, signedIn) {
  const token = signedIn ? ' -H "Authorization: Bearer $TOKEN"' : '';
  return `curl -f -o ${quoted(file)}${token} ${quoted(url)}`;
}

function quoted(text) {
  return /^[A-Za-z0-9_./:@,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
