package dev.sluice.export;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types whose text and JSON we make from the binary format, by PostgreSQL's fixed numbers. Every other type is
 * printed by the server (see {@link Encoders}). {@code "char"} is among the others because its text for bytes above 127
 * depends on the server's version.
 */
enum BinaryType {
    BOOL(16, 1000, Kind.PLAIN, ScalarText::bool, JsonText::bool),
    INT2(21, 1005, Kind.NUMBER, NumberText::int2, NumberText::int2),
    INT4(23, 1007, Kind.NUMBER, NumberText::int4, NumberText::int4),
    INT8(20, 1016, Kind.NUMBER, NumberText::int8, NumberText::int8),
    FLOAT4(700, 1021, Kind.NUMBER, FloatText::float4, JsonText::float4),
    FLOAT8(701, 1022, Kind.NUMBER, FloatText::float8, JsonText::float8),
    NUMERIC(1700, 1231, Kind.NUMBER, NumericText::text, JsonText::numeric),
    OID(26, 1028, Kind.PLAIN, NumberText::unsigned4),
    XID(28, 1011, Kind.PLAIN, NumberText::unsigned4),
    CID(29, 1012, Kind.PLAIN, NumberText::unsigned4),
    XID8(5069, 271, Kind.PLAIN, NumberText::unsigned8),
    TID(27, 1010, Kind.OTHER, ScalarText::tid),
    PG_LSN(3220, 3221, Kind.PLAIN, HexText::lsn),
    MONEY(790, 791, Kind.MONEY, NumberText::money),

    TEXT(25, 1009, Kind.TEXT, ScalarText::text, JsonText::string),
    VARCHAR(1043, 1015, Kind.TEXT, ScalarText::text, JsonText::string),
    BPCHAR(1042, 1014, Kind.TEXT, ScalarText::text, JsonText::string),
    NAME(19, 1003, Kind.TEXT, ScalarText::text, JsonText::string),
    UNKNOWN(705, 0, Kind.TEXT, ScalarText::text, JsonText::string),
    XML(142, 143, Kind.TEXT, ScalarText::text, JsonText::string),
    JSON(114, 199, Kind.TEXT, ScalarText::text, JsonText::json),
    JSONB(3802, 3807, Kind.JSONB, ScalarText::jsonb, ScalarText::jsonb),
    BYTEA(17, 1001, Kind.PLAIN, HexText::bytea, HexText::jsonBytea),
    UUID(2950, 2951, Kind.PLAIN, HexText::uuid, HexText::jsonUuid),

    DATE(1082, 1182, Kind.PLAIN, DateTimeText::date),
    TIME(1083, 1183, Kind.PLAIN, DateTimeText::time),
    TIMETZ(1266, 1270, Kind.PLAIN, DateTimeText::timetz),
    TIMESTAMP(1114, 1115, Kind.PLAIN, DateTimeText::timestamp, DateTimeText::jsonTimestamp),
    TIMESTAMPTZ(1184, 1185, Kind.PLAIN, DateTimeText::timestamptz, DateTimeText::jsonTimestamptz),
    INTERVAL(1186, 1187, Kind.PLAIN, IntervalText::text),

    INET(869, 1041, Kind.PLAIN, NetworkText::text),
    CIDR(650, 651, Kind.PLAIN, NetworkText::text),
    MACADDR(829, 1040, Kind.PLAIN, HexText::macaddr),
    MACADDR8(774, 775, Kind.PLAIN, HexText::macaddr8),
    BIT(1560, 1561, Kind.OTHER, ScalarText::bits),
    VARBIT(1562, 1563, Kind.OTHER, ScalarText::bits),

    INT2VECTOR(22, 1006, Kind.OTHER, new VectorText(NumberText::int2), new ArrayJson(NumberText::int2)),
    OIDVECTOR(
            30,
            1013,
            Kind.OTHER,
            new VectorText(NumberText::unsigned4),
            new ArrayJson(JsonText.quoted(NumberText::unsigned4)));

    /** What CSV must know of a type's text. */
    enum Kind {
        /** Digits, letters and {@code + - . : / \ space} only, never empty: needs no quotes with the usual options. */
        PLAIN,
        /** Plain, and a number to a spreadsheet. */
        NUMBER,
        /** Not plain for its commas, and a number to a spreadsheet. */
        MONEY,
        /** The binary form is the text. */
        TEXT,
        /** The binary form is a version and the text. */
        JSONB,
        /** Anything else. */
        OTHER
    }

    private static final Map<Integer, Column> BY_OID = byOid();

    private final int oid;
    private final int arrayOid;

    @SuppressWarnings("ImmutableEnumChecker") // Encoders are stateless.
    private final Column scalar;

    BinaryType(int oid, int arrayOid, Kind kind, FieldEncoder text) {
        this(oid, arrayOid, kind, text, JsonText.quoted(text));
    }

    BinaryType(int oid, int arrayOid, Kind kind, FieldEncoder text, FieldEncoder json) {
        this.oid = oid;
        this.arrayOid = arrayOid;
        this.scalar = new Column(kind, text, json);
    }

    int oid() {
        return oid;
    }

    /** How a column of a type, scalar or array, is written. */
    record Column(Kind kind, FieldEncoder text, FieldEncoder json) {}

    /** What to do with a type; null where the server must print it. */
    static @Nullable Column column(int typeOid) {
        return BY_OID.get(typeOid);
    }

    static int[] oids() {
        return BY_OID.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private static Map<Integer, Column> byOid() {
        Map<Integer, Column> columns = new HashMap<>();
        for (BinaryType type : values()) {
            columns.put(type.oid, type.scalar);
            if (type.arrayOid != 0) {
                FieldEncoder text = new ArrayText(type.scalar.text());
                columns.put(type.arrayOid, new Column(Kind.OTHER, text, new ArrayJson(type.scalar.json())));
            }
        }
        return Map.copyOf(columns);
    }
}
