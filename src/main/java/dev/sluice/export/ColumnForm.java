package dev.sluice.export;

/** How the value of a result column arrives. */
enum ColumnForm {
    /** In the binary format of the column's own type. */
    BINARY,
    /** As what the type's output function prints; for CSV. */
    TEXT,
    /** As the JSON text of {@code to_json}; spliced in raw. */
    JSON
}
