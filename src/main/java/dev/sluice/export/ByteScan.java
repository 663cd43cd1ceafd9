package dev.sluice.export;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the first byte that needs care, eight bytes at a time: most text has none, and this loop is where a large
 * export spends its time. With {@code x} a word of eight bytes, {@code (x - 0x01..) & ~x & 0x80..} has the top bit set of
 * its first byte that is zero, and perhaps of bytes behind it; so the lowest bit set is always right.
 */
final class ByteScan {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long TOPS = 0x8080_8080_8080_8080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long SPACES = ONES * ' ';
    private static final long LINE_FEEDS = ONES * '\n';
    private static final long CARRIAGE_RETURNS = ONES * '\r';

    private ByteScan() {}

    /** The first quote, backslash or control character; {@code end} if there is none. */
    static int jsonSpecial(byte[] text, int start, int end) {
        int at = start;
        for (; at <= end - 8; at += 8) {
            long word = (long) WORD.get(text, at);
            long found = ((word - SPACES) & ~word & TOPS) | zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES);
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >> 3);
            }
        }
        for (; at < end; at++) {
            byte value = text[at];
            if ((value >= 0 && value < ' ') || value == '"' || value == '\\') {
                return at;
            }
        }
        return end;
    }

    /** The first delimiter, quote or line break; {@code end} if there is none. */
    static int csvSpecial(byte[] text, int start, int end, byte delimiter) {
        long delimiters = ONES * delimiter;
        int at = start;
        for (; at <= end - 8; at += 8) {
            long word = (long) WORD.get(text, at);
            long found = zeros(word ^ delimiters) | zeros(word ^ QUOTES) | lineBreaks(word);
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >> 3);
            }
        }
        for (; at < end; at++) {
            byte value = text[at];
            if (value == delimiter || value == '"' || value == '\n' || value == '\r') {
                return at;
            }
        }
        return end;
    }

    /** The first line break; {@code end} if there is none. */
    static int lineBreak(byte[] text, int start, int end) {
        int at = start;
        for (; at <= end - 8; at += 8) {
            long found = lineBreaks((long) WORD.get(text, at));
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >> 3);
            }
        }
        for (; at < end; at++) {
            if (text[at] == '\n' || text[at] == '\r') {
                return at;
            }
        }
        return end;
    }

    private static long lineBreaks(long word) {
        return zeros(word ^ LINE_FEEDS) | zeros(word ^ CARRIAGE_RETURNS);
    }

    private static long zeros(long word) {
        return (word - ONES) & ~word & TOPS;
    }
}
