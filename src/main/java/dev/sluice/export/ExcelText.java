package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keeps Excel and its like from running a cell as a formula: a leading apostrophe makes it text. What begins a formula
 * is OWASP's list (CSV Injection): {@code = + - @}, tab, CR, LF, and the full-width forms of the signs.
 */
final class ExcelText {
    static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] FULL_WIDTH_SIGNS = "\uff1d\uff0b\uff0d\uff20".getBytes(StandardCharsets.UTF_8);
    private static final int FULL_WIDTH_BYTES = 3;

    private ExcelText() {}

    /** Puts an apostrophe before what was written from {@code start} on, where it begins like a formula. */
    static void defuse(int start, Buffer out) {
        int end = out.length();
        if (!beginsFormula(out.array(), start, end)) {
            return;
        }
        out.reserve(1);
        byte[] text = out.array();
        System.arraycopy(text, start, text, start + 1, end - start);
        text[start] = '\'';
        out.setLength(end + 1);
    }

    /** The one text of a number type that is no number to a spreadsheet but begins like a formula. */
    static boolean isInfinity(int start, Buffer out) {
        byte[] text = out.array();
        return out.length() - start == Ascii.NEGATIVE_INFINITY.length && text[start] == '-' && text[start + 1] == 'I';
    }

    /** The text that stands for a null is the request's, and so as little to be trusted as the data. */
    static String defused(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return beginsFormula(bytes, 0, bytes.length) ? "'" + text : text;
    }

    private static boolean beginsFormula(byte[] text, int start, int end) {
        if (start == end) {
            return false;
        }
        return switch (text[start]) {
            case '=', '+', '-', '@', '\t', '\r', '\n' -> true;
            case (byte) 0xef -> isFullWidthSign(text, start, end);
            default -> false;
        };
    }

    private static boolean isFullWidthSign(byte[] text, int start, int end) {
        int after = start + FULL_WIDTH_BYTES;
        for (int sign = 0; sign < FULL_WIDTH_SIGNS.length && after <= end; sign += FULL_WIDTH_BYTES) {
            if (Arrays.equals(text, start, after, FULL_WIDTH_SIGNS, sign, sign + FULL_WIDTH_BYTES)) {
                return true;
            }
        }
        return false;
    }
}
