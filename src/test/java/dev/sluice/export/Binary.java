package dev.sluice.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.flow.Buffer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Builds fields in PostgreSQL's binary format by hand, and runs encoders on them. */
final class Binary {
    /** Stands for a null among fields or elements; known by its identity. */
    static final byte[] NULL = {};

    private static final int LIMIT = 1 << 12;

    private Binary() {}

    static byte[] int2(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    static byte[] int4(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] int8(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    static byte[] text(String value) {
        return value.getBytes(UTF_8);
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }

    /** @param bounds size and lower bound of each dimension in turn */
    static byte[] array(int[] bounds, byte[]... elements) {
        ByteBuffer array = ByteBuffer.allocate(10_000);
        array.putInt(bounds.length / 2).putInt(1).putInt(25);
        Arrays.stream(bounds).forEach(array::putInt);
        for (byte[] element : elements) {
            if (element == NULL) {
                array.putInt(-1);
            } else {
                array.putInt(element.length).put(element);
            }
        }
        return Arrays.copyOf(array.array(), array.position());
    }

    /** What an encoder prints for a field that stands somewhere in a larger array. */
    static String print(FieldEncoder encoder, byte[] field) {
        byte[] padded = concat(new byte[] {1, 2, 3}, field, new byte[] {4});
        Buffer out = new Buffer(LIMIT);
        out.put(text("<"));
        encoder.encode(padded, 3, field.length, out);
        return written(out).substring(1);
    }

    static String written(Buffer out) {
        return new String(out.array(), 0, out.length(), UTF_8);
    }

    /** Rows of text columns, header or brackets included. */
    static String print(RowEncoder encoder, List<RowFields> rows) {
        Buffer out = new Buffer(LIMIT);
        encoder.begin(out);
        rows.forEach(row -> encoder.row(row, out));
        encoder.end(rows.size(), out);
        return written(out);
    }

    static RowFields row(byte[]... fields) {
        return new Row(List.of(fields));
    }

    static OutputColumn column(String name, BinaryType type) {
        return new OutputColumn(name, type.oid(), ColumnForm.BINARY);
    }

    private record Row(List<byte[]> fields) implements RowFields {
        @Override
        public int count() {
            return fields.size();
        }

        @Override
        public boolean isNull(int field) {
            return bytes(field) == NULL;
        }

        @Override
        public byte[] bytes(int field) {
            return fields.get(field);
        }

        @Override
        public int offset(int field) {
            return 0;
        }

        @Override
        public int length(int field) {
            return bytes(field).length;
        }
    }
}
