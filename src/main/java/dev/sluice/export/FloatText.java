package dev.sluice.export;

import dev.sluice.flow.Buffer;

/**
 * {@code float4} and {@code float8} as PostgreSQL prints them with extra_float_digits of 1: the shortest digits, and an
 * exponent below 1e-4, from 1e15 (float8) and from 1e6 (float4).
 */
final class FloatText {
    private static final int MAX_LENGTH = 32;
    private static final int FIXED_DOUBLE = 15;
    private static final int FIXED_FLOAT = 6;

    private FloatText() {}

    static void float4(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(4, length, "float4");
        int bits = Wire.int32(from, offset);
        int exponent = (bits >> 23) & 0xff;
        int fraction = bits & 0x7f_ffff;
        if (exponent == 0xff) {
            special(bits < 0, fraction != 0, out);
            return;
        }
        int at = sign(bits < 0, out);
        byte[] to = out.array();
        int whole = (int) Math.abs(Float.intBitsToFloat(bits));
        if (whole < 1_000_000 && whole == Math.abs(Float.intBitsToFloat(bits))) {
            out.setLength(NumberText.putLong(whole, to, at));
        } else {
            out.setLength(decimal(fraction, exponent, 23, 150, FIXED_FLOAT, to, at));
        }
    }

    static void float8(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "float8");
        long bits = Wire.int64(from, offset);
        int exponent = (int) (bits >> 52) & 0x7ff;
        long fraction = bits & 0xf_ffff_ffff_ffffL;
        if (exponent == 0x7ff) {
            special(bits < 0, fraction != 0, out);
            return;
        }
        int at = sign(bits < 0, out);
        byte[] to = out.array();
        double value = Math.abs(Double.longBitsToDouble(bits));
        long whole = (long) value;
        if (whole < 1_000_000_000_000_000L && whole == value) {
            out.setLength(NumberText.putLong(whole, to, at));
        } else {
            out.setLength(decimal(fraction, exponent, 52, 1075, FIXED_DOUBLE, to, at));
        }
    }

    /** Whether JSON must quote it: NaN and the infinities. */
    static boolean isSpecial4(byte[] from, int offset) {
        return (Wire.int16(from, offset) & 0x7f80) == 0x7f80;
    }

    static boolean isSpecial8(byte[] from, int offset) {
        return (Wire.int16(from, offset) & 0x7ff0) == 0x7ff0;
    }

    private static void special(boolean negative, boolean nan, Buffer out) {
        out.put(nan ? Ascii.NAN : negative ? Ascii.NEGATIVE_INFINITY : Ascii.INFINITY);
    }

    private static int sign(boolean negative, Buffer out) {
        int at = out.reserve(MAX_LENGTH);
        if (negative) {
            out.array()[at++] = '-';
        }
        return at;
    }

    private static int decimal(long fraction, int exponent, int width, int bias, int fixed, byte[] to, int at) {
        boolean subnormal = exponent == 0;
        long significand = subnormal ? fraction : fraction | (1L << width);
        int binary = (subnormal ? 1 : exponent) - bias;
        boolean regular = fraction != 0 || exponent <= 1;
        int k = ShortestDecimal.exponent(binary, regular);
        return format(ShortestDecimal.digits(significand, binary, regular, k), k, fixed, to, at);
    }

    private static int format(long digits, int exponent, int fixed, byte[] to, int at) {
        long trimmed = digits;
        int power = exponent;
        for (long tenth = trimmed / 10; tenth * 10 == trimmed; tenth = trimmed / 10) {
            trimmed = tenth;
            power++;
        }
        int count = NumberText.digits(trimmed);
        int leading = power + count - 1;
        if (leading < -4 || leading >= fixed) {
            return scientific(trimmed, count, leading, to, at);
        }
        return fixed(trimmed, count, leading, to, at);
    }

    private static int scientific(long digits, int count, int exponent, byte[] to, int start) {
        int at = start;
        if (count == 1) {
            to[at++] = (byte) ('0' + digits);
        } else {
            NumberText.putDigits(digits, count, to, at + 1);
            to[at] = to[at + 1];
            to[at + 1] = '.';
            at += count + 1;
        }
        to[at++] = 'e';
        to[at++] = (byte) (exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        return size < 100 ? NumberText.putPair(size, to, at) : NumberText.putLong(size, to, at);
    }

    /** The digits with a point after the {@code leading + 1}-th. */
    private static int fixed(long digits, int count, int leading, byte[] to, int start) {
        if (leading < 0) {
            return small(digits, count, leading, to, start);
        }
        int whole = leading + 1;
        if (count <= whole) {
            int at = NumberText.putDigits(digits, count, to, start);
            for (int i = count; i < whole; i++) {
                to[at++] = '0';
            }
            return at;
        }
        NumberText.putDigits(digits, count, to, start + 1);
        System.arraycopy(to, start + 1, to, start, whole);
        to[start + whole] = '.';
        return start + count + 1;
    }

    private static int small(long digits, int count, int leading, byte[] to, int start) {
        int at = start;
        to[at++] = '0';
        to[at++] = '.';
        for (int i = leading; i < -1; i++) {
            to[at++] = '0';
        }
        return NumberText.putDigits(digits, count, to, at);
    }
}
