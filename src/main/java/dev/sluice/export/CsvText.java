package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * The quoting rules of {@code COPY ... (FORMAT csv)} for one set of options: a field is quoted when it holds the
 * delimiter, a quote or a line break, when it equals what a null prints, and when {@code \.} would stand alone on a line.
 */
final class CsvText {
    private static final byte[] END_OF_DATA = Ascii.bytes("\\.");

    private final byte delimiter;
    private final byte[] nullText;
    private final boolean singleColumn;

    CsvText(CsvOptions options, boolean singleColumn) {
        String text = options.excel() ? ExcelText.defused(options.nullText()) : options.nullText();
        this.nullText = text.getBytes(StandardCharsets.UTF_8);
        this.singleColumn = singleColumn;
        this.delimiter = (byte) options.delimiter();
    }

    byte[] nullText() {
        return nullText;
    }

    void field(byte[] from, int offset, int length, Buffer out) {
        int end = offset + length;
        if (ByteScan.csvSpecial(from, offset, end, delimiter) == end && !mustQuoteWhole(from, offset, length)) {
            out.put(from, offset, length);
            return;
        }
        int at = out.reserve(length + quotes(from, offset, end) + 2);
        byte[] to = out.array();
        to[at++] = '"';
        for (int i = offset; i < end; i++) {
            byte value = from[i];
            to[at++] = value;
            if (value == '"') {
                to[at++] = '"';
            }
        }
        to[at++] = '"';
        out.setLength(at);
    }

    private static int quotes(byte[] text, int start, int end) {
        int quotes = 0;
        for (int i = start; i < end; i++) {
            quotes += text[i] == '"' ? 1 : 0;
        }
        return quotes;
    }

    /** Quotes, where the rules say so, what has been written from {@code start} on. */
    void quoteInPlace(int start, Buffer out) {
        byte[] text = out.array();
        int end = out.length();
        if (ByteScan.csvSpecial(text, start, end, delimiter) < end || mustQuoteWhole(text, start, end - start)) {
            quote(start, quotes(text, start, end), out);
        }
    }

    private static void quote(int start, int quotes, Buffer out) {
        int end = out.reserve(quotes + 2);
        byte[] text = out.array();
        int to = end + quotes + 2;
        out.setLength(to);
        text[--to] = '"';
        for (int i = end - 1; i >= start; i--) {
            byte value = text[i];
            text[--to] = value;
            if (value == '"') {
                text[--to] = '"';
            }
        }
        text[start] = '"';
    }

    private boolean mustQuoteWhole(byte[] from, int offset, int length) {
        return equal(nullText, from, offset, length) || (singleColumn && equal(END_OF_DATA, from, offset, length));
    }

    private static boolean equal(byte[] text, byte[] from, int offset, int length) {
        if (length != text.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[i] != from[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
