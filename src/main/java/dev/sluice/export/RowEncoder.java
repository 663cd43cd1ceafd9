package dev.sluice.export;

import dev.sluice.flow.Buffer;

/**
 * Writes rows as text of one format. Not thread-safe: one for each export, used for begin, rows, end, in that order.
 * A row that throws has left a part in the buffer; the caller rolls it back or gives the export up.
 */
interface RowEncoder {
    /** What comes before the first row: CSV's header line, {@code [} of a JSON array. */
    void begin(Buffer out);

    void row(RowFields row, Buffer out);

    /**
     * What comes after the last row: {@code ]} of a JSON array, the end record of NDJSON where asked for.
     *
     * @param rows how many rows the export had
     */
    void end(long rows, Buffer out);
}
