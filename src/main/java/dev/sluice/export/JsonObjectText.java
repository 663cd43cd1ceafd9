package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** One row as a JSON object, as {@code row_to_json} prints it; what both JSON encoders share. Keys are escaped once. */
final class JsonObjectText {
    private final byte[][] keys;
    private final FieldEncoder[] fields;

    JsonObjectText(List<OutputColumn> columns) {
        this.keys = new byte[columns.size()][];
        this.fields = new FieldEncoder[columns.size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = key(columns.get(i).name(), i == 0);
            fields[i] = Encoders.jsonColumn(columns.get(i));
        }
    }

    private static byte[] key(String name, boolean first) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        Buffer out = new Buffer(16 + 6 * bytes.length);
        out.put((byte) (first ? '{' : ','));
        JsonText.string(bytes, 0, bytes.length, out);
        out.put((byte) ':');
        return Arrays.copyOf(out.array(), out.length());
    }

    void put(RowFields row, Buffer out) {
        if (fields.length == 0) {
            out.put((byte) '{');
        }
        for (int i = 0; i < fields.length; i++) {
            out.put(keys[i]);
            if (row.isNull(i)) {
                out.put(Ascii.NULL);
            } else {
                fields[i].encode(row.bytes(i), row.offset(i), row.length(i), out);
            }
        }
        out.put((byte) '}');
    }
}
