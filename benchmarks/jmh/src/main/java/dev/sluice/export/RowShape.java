package dev.sluice.export;

import static dev.sluice.export.BinaryType.BOOL;
import static dev.sluice.export.BinaryType.BYTEA;
import static dev.sluice.export.BinaryType.DATE;
import static dev.sluice.export.BinaryType.FLOAT4;
import static dev.sluice.export.BinaryType.FLOAT8;
import static dev.sluice.export.BinaryType.INT2;
import static dev.sluice.export.BinaryType.INT4;
import static dev.sluice.export.BinaryType.INT8;
import static dev.sluice.export.BinaryType.INTERVAL;
import static dev.sluice.export.BinaryType.JSONB;
import static dev.sluice.export.BinaryType.NUMERIC;
import static dev.sluice.export.BinaryType.TEXT;
import static dev.sluice.export.BinaryType.TIME;
import static dev.sluice.export.BinaryType.TIMESTAMP;
import static dev.sluice.export.BinaryType.TIMESTAMPTZ;
import static dev.sluice.export.BinaryType.UUID;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The rows that are encoded: the two tables of scripts/bench-export, and one shape for each kind of value. */
public enum RowShape {
    USERS(RowShape::user, UUID, TEXT, TEXT, JSONB, TIMESTAMPTZ),
    EVENTS(
            RowShape::event,
            INT8,
            TEXT,
            TEXT,
            TIMESTAMPTZ,
            DATE,
            UUID,
            NUMERIC,
            NUMERIC,
            FLOAT8,
            FLOAT4,
            INT4,
            INT2,
            INT8,
            BOOL,
            TEXT,
            TEXT,
            TEXT,
            JSONB,
            null,
            BYTEA,
            INTERVAL),
    INTEGERS(i -> row(Field.int2((int) i), Field.int4((int) (i * 104_729)), Field.int8(i * 7_919_000_001L)), INT2, INT4, INT8),
    FLOATS(i -> row(Field.float4(i / 8f), Field.float8(i / 7.0), Field.float8(i * 1e-20)), FLOAT4, FLOAT8, FLOAT8),
    NUMERICS(i -> row(Field.numeric(i + ".25"), Field.numeric("-" + i * i + ".000000000001")), NUMERIC, NUMERIC),
    TIMES(RowShape::times, TIMESTAMPTZ, TIMESTAMP, DATE, TIME, INTERVAL),
    PLAIN_TEXTS(i -> row(Field.text("Event number " + i), Field.text("some longer text ".repeat(5))), TEXT, TEXT),
    QUOTED_TEXTS(i -> row(Field.text("said \"yes\", then\nleft " + i), Field.text("größer, 日本語, 😀")), TEXT, TEXT),
    DOCUMENTS(i -> row(Field.jsonb(document(i))), JSONB),
    BYTES(i -> row(Field.uuid(hash(i), hash(i + 1)), bytes(i)), UUID, BYTEA),
    ARRAYS(i -> row(tags(i)), (BinaryType) null);

    static final int ROWS = 512;
    private static final int TEXT_ARRAY = 1009;
    private static final long FIRST_MICROS = 757_382_400_000_000L; // 2024-01-01, counted from 2000

    private final LongFunction<byte[][]> row;
    private final BinaryType[] types;

    /** @param types of the columns; null for an array of texts */
    RowShape(LongFunction<byte[][]> row, BinaryType... types) {
        this.row = row;
        this.types = types;
    }

    PackedRows rows() {
        return new PackedRows(LongStream.range(0, ROWS).mapToObj(row).toList());
    }

    List<OutputColumn> columns() {
        return IntStream.range(0, types.length)
                .mapToObj(i -> new OutputColumn("column_" + i, types[i] == null ? TEXT_ARRAY : types[i].oid(), ColumnForm.BINARY))
                .toList();
    }

    private static byte[][] user(long i) {
        return row(
                Field.uuid(hash(i), hash(i + 1)),
                Field.text("user" + i + "@example.com"),
                Field.text(new String[] {"Ada Lovelace", "Zoë Müller-Lüdenscheidt", "\"Ace\" Smith", "King, Jr."}[(int) (i % 4)]),
                Field.jsonb("[\"user\", \"editor\"]"),
                Field.int8(FIRST_MICROS + i * 312_345_678));
    }

    private static byte[][] event(long i) {
        byte[][] texts = {Field.text("said \"yes\", then left"), Field.text("two\nlines"), Field.text("größer, 日本語, 😀"), null};
        return row(
                Field.int8(i),
                Field.text("order.created"),
                Field.text("node-" + i % 16),
                Field.int8(FIRST_MICROS + i * 61_234_567),
                Field.int4((int) (8766 + i / 1411)),
                i % 10 == 0 ? null : Field.uuid(hash(i), hash(i + 1)),
                Field.numeric(i * 7919 % 100_000_000 / 100 + "." + (10 + i % 90)),
                i % 7 == 0 ? null : Field.numeric(i + ".000000" + (100_000 + i)),
                i % 11 == 0 ? null : Field.float8(i / 7.0),
                Field.float4(i % 1000 / 8f),
                Field.int4((int) (i % 500)),
                i % 3 == 0 ? null : Field.int2((int) (i % 10)),
                Field.int8(i * 7_919_000_001L),
                Field.bool(i % 3 == 0),
                Field.text("Event number " + i),
                texts[(int) (i % 4)],
                i % 5 == 0 ? Field.text("some longer text ".repeat((int) (1 + i % 9))) : null,
                Field.jsonb(document(i)),
                tags(i),
                bytes(i),
                i % 6 == 0 ? null : Field.interval(i % 86_400 * 1_500_000, 0, 0));
    }

    private static byte[][] times(long i) {
        long micros = FIRST_MICROS + i * 61_234_567;
        return row(
                Field.int8(micros),
                Field.int8(-micros),
                Field.int4((int) i * 31),
                Field.int8(i * 168_000_001),
                Field.interval(i * 1_500_000, (int) i % 31, (int) i % 12));
    }

    private static String document(long i) {
        return "{\"ok\": true, \"path\": \"/orders/" + i + "\", \"tags\": [\"a\", \"b\"], \"number\": " + i + "}";
    }

    private static byte[] tags(long i) {
        return Field.array(TEXT, Field.text("tag-" + i % 10), Field.text(Long.toHexString(hash(i)).substring(0, 4)));
    }

    private static byte[] bytes(long i) {
        return Field.uuid(hash(i), hash(i * 31));
    }

    /** Spreads numbers over all bits, always the same way. */
    private static long hash(long i) {
        long mixed = (i + 1) * 0x9E3779B97F4A7C15L;
        return (mixed ^ (mixed >>> 29)) * 0xBF58476D1CE4E5B9L | 1L << 63;
    }

    private static byte[][] row(byte[]... fields) {
        return Arrays.copyOf(fields, fields.length);
    }
}
