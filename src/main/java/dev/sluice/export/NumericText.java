package dev.sluice.export;

import dev.sluice.flow.Buffer;

/**
 * {@code numeric} as PostgreSQL prints it. On the wire: how many base-10000 digits, the weight of the first, sign,
 * display scale, digits.
 */
final class NumericText {
    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xC000;
    private static final int POSITIVE_INFINITY = 0xD000;
    private static final int NEGATIVE_INFINITY = 0xF000;
    private static final int HEADER = 8;

    private NumericText() {}

    static void text(byte[] from, int offset, int length, Buffer out) {
        if (length < HEADER || length != HEADER + 2 * Wire.unsigned16(from, offset)) {
            throw new MalformedFieldException("numeric of " + length + " bytes");
        }
        switch (Wire.unsigned16(from, offset + 4)) {
            case NAN -> out.put(Ascii.NAN);
            case POSITIVE_INFINITY -> out.put(Ascii.INFINITY);
            case NEGATIVE_INFINITY -> out.put(Ascii.NEGATIVE_INFINITY);
            default -> finite(from, offset, out);
        }
    }

    /** Whether JSON must quote it: it is not finite. */
    static boolean isSpecial(byte[] from, int offset) {
        return Wire.unsigned16(from, offset + 4) >= NAN;
    }

    private static void finite(byte[] from, int offset, Buffer out) {
        int weight = Wire.int16(from, offset + 2);
        int scale = Wire.unsigned16(from, offset + 6);
        // Sign, whole part, point, scale, and what the last group of four overshoots.
        int at = out.reserve(1 + 4 * Math.max(weight + 1, 1) + 1 + scale + 4);
        byte[] to = out.array();
        if (Wire.unsigned16(from, offset + 4) == NEGATIVE) {
            to[at++] = '-';
        }
        at = putWhole(from, offset, weight, to, at);
        out.setLength(scale == 0 ? at : putFraction(from, offset, weight, scale, to, at));
    }

    private static int putWhole(byte[] from, int offset, int weight, byte[] to, int start) {
        if (weight < 0) {
            to[start] = '0';
            return start + 1;
        }
        int at = NumberText.putLong(group(from, offset, 0), to, start);
        for (int i = 1; i <= weight; i++) {
            at = putGroup(group(from, offset, i), to, at);
        }
        return at;
    }

    private static int putFraction(byte[] from, int offset, int weight, int scale, byte[] to, int start) {
        to[start] = '.';
        int at = start + 1;
        int end = at + scale;
        for (int i = weight + 1; at < end; i++) {
            at = putGroup(group(from, offset, i), to, at);
        }
        return end;
    }

    private static int putGroup(int group, byte[] to, int at) {
        int high = group / 100;
        NumberText.putPair(high, to, at);
        return NumberText.putPair(group - high * 100, to, at + 2);
    }

    /** Zeros at both ends are not sent. */
    private static int group(byte[] from, int offset, int index) {
        boolean sent = index >= 0 && index < Wire.unsigned16(from, offset);
        return sent ? Wire.int16(from, offset + HEADER + 2 * index) : 0;
    }
}
