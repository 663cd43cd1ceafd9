package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** Integers and money as PostgreSQL prints them. */
final class NumberText {
    /** The longest long, with its sign. */
    static final int MAX_LONG = 20;

    private static final byte[] MIN_LONG = Ascii.bytes("-9223372036854775808");
    /** The pairs 00 to 99: two digits for one division. */
    private static final byte[] PAIRS = pairs();

    private NumberText() {}

    static void int2(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(2, length, "int2");
        append(Wire.int16(from, offset), out);
    }

    static void int4(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(4, length, "int4");
        append(Wire.int32(from, offset), out);
    }

    static void int8(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "int8");
        append(Wire.int64(from, offset), out);
    }

    /** oid, xid, cid. */
    static void unsigned4(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(4, length, "oid");
        append(Wire.int32(from, offset) & 0xffff_ffffL, out);
    }

    static void unsigned8(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "xid8");
        long value = Wire.int64(from, offset);
        if (value >= 0) {
            append(value, out);
        } else {
            long tens = (value >>> 1) / 5;
            append(tens, out);
            out.put((byte) ('0' + (value - tens * 10)));
        }
    }

    /** As with lc_monetary=C: dollars with two decimals and a comma for each three digits. */
    static void money(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "money");
        long cents = Wire.int64(from, offset);
        int at = out.reserve(32);
        byte[] to = out.array();
        if (cents < 0) {
            to[at++] = '-';
        }
        to[at++] = '$';
        // Of the negatives, which reach one further.
        long negative = cents < 0 ? cents : -cents;
        at = putGrouped(negative / 100, to, at);
        to[at++] = '.';
        out.setLength(putPair((int) -(negative % 100), to, at));
    }

    private static int putGrouped(long negative, byte[] to, int at) {
        long rest = negative / 1000;
        if (rest == 0) {
            return putLong(-negative, to, at);
        }
        int end = putGrouped(rest, to, at);
        to[end] = ',';
        int group = (int) (rest * 1000 - negative);
        to[end + 1] = (byte) ('0' + group / 100);
        return putPair(group % 100, to, end + 2);
    }

    static void append(long value, Buffer out) {
        int at = out.reserve(MAX_LONG);
        out.setLength(putLong(value, out.array(), at));
    }

    /** Writes a number and answers where it ends; the array has room for {@link #MAX_LONG} bytes. */
    static int putLong(long value, byte[] to, int at) {
        if (value >= 0) {
            return putDigits(value, digits(value), to, at);
        }
        if (value == Long.MIN_VALUE) {
            System.arraycopy(MIN_LONG, 0, to, at, MIN_LONG.length);
            return at + MIN_LONG.length;
        }
        to[at] = '-';
        return putDigits(-value, digits(-value), to, at + 1);
    }

    /** Writes the last {@code count} digits of a number that is not negative, with leading zeros where it has fewer. */
    static int putDigits(long value, int count, byte[] to, int at) {
        long rest = value;
        int end = at + count;
        int position = end;
        while (rest > Integer.MAX_VALUE && position - at >= 2) {
            long hundreds = rest / 100;
            position -= 2;
            putPair((int) (rest - hundreds * 100), to, position);
            rest = hundreds;
        }
        putDigits((int) rest, to, at, position);
        return end;
    }

    private static void putDigits(int value, byte[] to, int at, int end) {
        int rest = value;
        int position = end;
        while (position - at >= 2) {
            int hundreds = rest / 100;
            position -= 2;
            putPair(rest - hundreds * 100, to, position);
            rest = hundreds;
        }
        if (position > at) {
            to[at] = (byte) ('0' + rest % 10);
        }
    }

    static int putPair(int value, byte[] to, int at) {
        to[at] = PAIRS[2 * value];
        to[at + 1] = PAIRS[2 * value + 1];
        return at + 2;
    }

    /** How many decimal digits a number that is not negative has; 1 for 0. */
    static int digits(long value) {
        int count = 1;
        long rest = value;
        while (rest >= 10_000) {
            rest /= 10_000;
            count += 4;
        }
        return count + (rest >= 1000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0);
    }

    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[2 * i] = (byte) ('0' + i / 10);
            pairs[2 * i + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }
}
