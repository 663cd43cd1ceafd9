package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** {@code interval} as PostgreSQL prints it with IntervalStyle=postgres. On the wire: microseconds, days, months. */
final class IntervalText {
    private static final long MICROS_PER_HOUR = 3_600_000_000L;
    private static final int MAX_LENGTH = 96;
    private static final byte[] INFINITY = Ascii.bytes("infinity");
    private static final byte[] NEGATIVE_INFINITY = Ascii.bytes("-infinity");
    private static final byte[] YEAR = Ascii.bytes(" year");
    private static final byte[] MONTH = Ascii.bytes(" mon");
    private static final byte[] DAY = Ascii.bytes(" day");

    private IntervalText() {}

    static void text(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(16, length, "interval");
        long micros = Wire.int64(from, offset);
        int days = Wire.int32(from, offset + 8);
        int months = Wire.int32(from, offset + 12);
        // Since PostgreSQL 17; before, these were just the largest and the smallest interval.
        if (micros == Long.MAX_VALUE && days == Integer.MAX_VALUE && months == Integer.MAX_VALUE) {
            out.put(INFINITY);
        } else if (micros == Long.MIN_VALUE && days == Integer.MIN_VALUE && months == Integer.MIN_VALUE) {
            out.put(NEGATIVE_INFINITY);
        } else {
            finite(micros, days, months, out);
        }
    }

    private static void finite(long micros, int days, int months, Buffer out) {
        int start = out.reserve(MAX_LENGTH);
        byte[] to = out.array();
        // A part after a negative one shows its plus sign.
        boolean negative = false;
        int at = putPart(months / 12, YEAR, negative, to, start, start);
        negative = months / 12 != 0 ? months < 0 : negative;
        at = putPart(months % 12, MONTH, negative, to, start, at);
        negative = months % 12 != 0 ? months < 0 : negative;
        at = putPart(days, DAY, negative, to, start, at);
        negative = days != 0 ? days < 0 : negative;
        if (micros != 0 || at == start) {
            at = putTime(micros, negative, to, start, at);
        }
        out.setLength(at);
    }

    private static int putPart(int value, byte[] unit, boolean afterNegative, byte[] to, int start, int begin) {
        if (value == 0) {
            return begin;
        }
        int at = begin;
        if (at > start) {
            to[at++] = ' ';
        }
        if (afterNegative && value > 0) {
            to[at++] = '+';
        }
        at = Ascii.put(unit, to, NumberText.putLong(value, to, at));
        if (value != 1) {
            to[at++] = 's';
        }
        return at;
    }

    private static int putTime(long micros, boolean afterNegative, byte[] to, int start, int begin) {
        int at = begin;
        if (at > start) {
            to[at++] = ' ';
        }
        if (micros < 0) {
            to[at++] = '-';
        } else if (afterNegative) {
            to[at++] = '+';
        }
        long hours = Math.abs(micros / MICROS_PER_HOUR);
        long rest = Math.abs(micros % MICROS_PER_HOUR);
        at = hours < 100 ? NumberText.putPair((int) hours, to, at) : NumberText.putLong(hours, to, at);
        to[at++] = ':';
        at = NumberText.putPair((int) (rest / 60_000_000), to, at);
        to[at++] = ':';
        at = NumberText.putPair((int) (rest / 1_000_000 % 60), to, at);
        return DateTimeText.putFraction((int) (rest % 1_000_000), to, at);
    }
}
