package dev.sluice.export;

import java.math.BigInteger;

/**
 * The shortest decimal that reads back as the same binary floating point number, by R. Giulietti's Schubfach.
 *
 * <p>With one turn that PostgreSQL takes too: a decimal that lies exactly between two neighbours is never an answer,
 * although it would read back by rounding to even. (Java's own {@code Double.toString} differs in this and, before JDK
 * 19, was not the shortest.) Stateless.
 */
final class ShortestDecimal {
    private static final int MIN_EXPONENT = -293;
    private static final int MAX_EXPONENT = 325;
    private static final long MASK_63 = (1L << 63) - 1;
    /** For each power of ten its 126 leading bits, rounded up, in two halves of 63. */
    private static final long[] POWERS = powers();

    private ShortestDecimal() {}

    /**
     * The decimal exponent for {@link #digits} of {@code significand * 2^exponent}.
     *
     * @param regular whether the next smaller number is as far away as the next larger one
     */
    static int exponent(int exponent, boolean regular) {
        return (int) ((exponent * 661_971_961_083L + (regular ? 0 : -274_743_187_321L)) >> 41);
    }

    /** The digits to stand before {@code 10^k}, {@code k} being what {@link #exponent} answers; may end in zeros. */
    static long digits(long significand, int exponent, boolean regular, int k) {
        int h = exponent + floorLog2OfPowerOf10(-k) + 2;
        int power = 2 * (-k - MIN_EXPONENT);
        long high = POWERS[power];
        long low = POWERS[power + 1];
        long middle = significand << 2;
        long value = scale(high, low, middle << h);
        // The bounds themselves are out: hence one more on the left, one less on the right.
        long left = scale(high, low, (middle - (regular ? 2 : 1)) << h) + 1;
        long right = scale(high, low, (middle + 2) << h) - 1;
        return closest(value, left, right);
    }

    private static long closest(long value, long left, long right) {
        long floor = value >> 2;
        if (floor >= 10) {
            long shorter = floor / 10 * 10;
            boolean lower = left <= (shorter << 2);
            boolean upper = ((shorter + 10) << 2) <= right;
            if (lower != upper) {
                return lower ? shorter : shorter + 10;
            }
        }
        boolean lower = left <= (floor << 2);
        boolean upper = ((floor + 1) << 2) <= right;
        if (lower != upper) {
            return lower ? floor : floor + 1;
        }
        long beyondHalf = value - ((2 * floor + 1) << 1);
        return beyondHalf < 0 || (beyondHalf == 0 && (floor & 1) == 0) ? floor : floor + 1;
    }

    /** The product's leading bits, rounded to odd so that what is cut off still counts in comparisons. */
    private static long scale(long high, long low, long value) {
        long carry = Math.multiplyHigh(low, value);
        long middle = high * value;
        long z = (middle >>> 1) + carry;
        long w = Math.multiplyHigh(high, value) + (z >>> 63);
        return w | (((z & MASK_63) + MASK_63) >>> 63);
    }

    private static int floorLog2OfPowerOf10(int exponent) {
        return (int) ((exponent * 913_124_641_741L) >> 38);
    }

    private static long[] powers() {
        long[] powers = new long[2 * (MAX_EXPONENT - MIN_EXPONENT + 1)];
        for (int e = MIN_EXPONENT; e <= MAX_EXPONENT; e++) {
            BigInteger leading = leadingBits(e).add(BigInteger.ONE);
            powers[2 * (e - MIN_EXPONENT)] = leading.shiftRight(63).longValueExact();
            powers[2 * (e - MIN_EXPONENT) + 1] = leading.longValue() & MASK_63;
        }
        return powers;
    }

    private static BigInteger leadingBits(int exponent) {
        int shift = 125 - floorLog2OfPowerOf10(exponent);
        BigInteger power = BigInteger.TEN.pow(Math.abs(exponent));
        if (exponent >= 0) {
            return shift >= 0 ? power.shiftLeft(shift) : power.shiftRight(-shift);
        }
        return BigInteger.ONE.shiftLeft(shift).divide(power);
    }
}
