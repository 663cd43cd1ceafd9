package dev.sluice.export;

/**
 * One thing of a query to be tried before the first byte.
 *
 * @param what as the client knows it, for the error message
 * @param expression a value of SQL that fails where the query would
 */
record Probe(String what, Statement expression) {}
