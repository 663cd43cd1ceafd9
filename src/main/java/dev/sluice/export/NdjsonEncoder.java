package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.util.List;

/** Rows as newline-delimited JSON: each line what {@code row_to_json} prints. */
final class NdjsonEncoder implements RowEncoder {
    private static final byte[] END_RECORD = Ascii.bytes("{\"_end\":{\"rows\":");
    private static final byte[] END_RECORD_TAIL = Ascii.bytes("}}\n");

    private final JsonObjectText object;
    private final boolean endRecord;

    /** @param endRecord whether a last line tells that the export is complete, and its rows */
    NdjsonEncoder(List<OutputColumn> columns, boolean endRecord) {
        this.object = new JsonObjectText(columns);
        this.endRecord = endRecord;
    }

    @Override
    public void begin(Buffer out) {
        // NDJSON begins with its first line.
    }

    @Override
    public void row(RowFields row, Buffer out) {
        object.put(row, out);
        out.put((byte) '\n');
    }

    @Override
    public void end(long rows, Buffer out) {
        if (endRecord) {
            out.put(END_RECORD);
            NumberText.append(rows, out);
            out.put(END_RECORD_TAIL);
        }
    }
}
