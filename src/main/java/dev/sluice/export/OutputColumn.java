package dev.sluice.export;

/**
 * One column of a result as the encoder sees it.
 *
 * @param name the CSV header or JSON key
 * @param typeOid the column's type, domains resolved to their base type; of no interest unless the form is binary
 */
record OutputColumn(String name, int typeOid, ColumnForm form) {}
