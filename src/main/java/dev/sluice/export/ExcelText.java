package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** Keeps Excel and its like from running a cell as a formula: a leading apostrophe makes it text. */
final class ExcelText {
    static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    static final byte[] LINE_END = {'\r', '\n'};

    private ExcelText() {}

    /** Puts an apostrophe before what was written from {@code start} on, where it begins like a formula. */
    static void defuse(int start, Buffer out) {
        int end = out.length();
        if (end == start || !beginsFormula(out.array()[start])) {
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

    private static boolean beginsFormula(byte first) {
        return switch (first) {
            case '=', '+', '-', '@', '\t', '\r' -> true;
            default -> false;
        };
    }
}
