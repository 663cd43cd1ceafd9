package dev.sluice.export;

/**
 * The fields of one row in PostgreSQL's binary format, as the cursor or the COPY source hands them over. One instance
 * serves all rows; bytes may be shared by all fields of a row.
 */
interface RowFields {
    int count();

    boolean isNull(int field);

    /** The array that holds the field; undefined for a null. */
    byte[] bytes(int field);

    int offset(int field);

    int length(int field);
}
