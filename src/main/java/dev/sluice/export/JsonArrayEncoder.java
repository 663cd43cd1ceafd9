package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.util.List;

/** Rows as one JSON array, an object on each line. */
final class JsonArrayEncoder implements RowEncoder {
    private static final byte[] SEPARATOR = Ascii.bytes(",\n");
    private static final byte[] END = Ascii.bytes("]\n");

    private final JsonObjectText object;
    private boolean first = true;

    JsonArrayEncoder(List<OutputColumn> columns) {
        this.object = new JsonObjectText(columns);
    }

    @Override
    public void begin(Buffer out) {
        out.put((byte) '[');
    }

    @Override
    public void row(RowFields row, Buffer out) {
        if (!first) {
            out.put(SEPARATOR);
        }
        object.put(row, out);
        first = false;
    }

    @Override
    public void end(long rows, Buffer out) {
        out.put(END);
    }
}
