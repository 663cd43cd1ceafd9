package dev.sluice.export;

import dev.sluice.flow.Buffer;

/**
 * JSON as {@code row_to_json} prints it: strings escaped as its {@code escape_json} does, values of type json raw but
 * for line breaks between their tokens, which become spaces so that a row stays on its line.
 */
final class JsonText {
    private static final byte[] TRUE = Ascii.bytes("true");
    private static final byte[] FALSE = Ascii.bytes("false");
    private static final byte[] HEX = Ascii.bytes("0123456789abcdef");
    /** For each character to escape the letter behind the backslash; {@code u} for a code. */
    private static final byte[] ESCAPES = escapes();

    private JsonText() {}

    static void bool(byte[] from, int offset, int length, Buffer out) {
        out.put(ScalarText.isTrue(from, offset, length) ? TRUE : FALSE);
    }

    static void string(byte[] from, int offset, int length, Buffer out) {
        out.put((byte) '"');
        escape(from, offset, offset + length, out);
        out.put((byte) '"');
    }

    private static void escape(byte[] from, int start, int end, Buffer out) {
        int clean = start;
        int special = ByteScan.jsonSpecial(from, start, end);
        while (special < end) {
            out.put(from, clean, special - clean);
            putEscape(from[special], out);
            clean = special + 1;
            special = ByteScan.jsonSpecial(from, clean, end);
        }
        out.put(from, clean, end - clean);
    }

    private static void putEscape(byte value, Buffer out) {
        byte escape = ESCAPES[value];
        int at = out.reserve(6);
        byte[] to = out.array();
        to[at] = '\\';
        to[at + 1] = escape;
        if (escape != 'u') {
            out.setLength(at + 2);
            return;
        }
        to[at + 2] = '0';
        to[at + 3] = '0';
        to[at + 4] = HEX[value >> 4];
        to[at + 5] = HEX[value & 0xf];
        out.setLength(at + 6);
    }

    static void json(byte[] from, int offset, int length, Buffer out) {
        int start = out.reserve(length);
        byte[] to = out.array();
        int end = start + length;
        System.arraycopy(from, offset, to, start, length);
        for (int at = ByteScan.lineBreak(to, start, end); at < end; at = ByteScan.lineBreak(to, at + 1, end)) {
            to[at] = ' ';
        }
        out.setLength(end);
    }

    static void numeric(byte[] from, int offset, int length, Buffer out) {
        number(NumericText::text, length >= 8 && NumericText.isSpecial(from, offset), from, offset, length, out);
    }

    static void float4(byte[] from, int offset, int length, Buffer out) {
        number(FloatText::float4, length >= 2 && FloatText.isSpecial4(from, offset), from, offset, length, out);
    }

    static void float8(byte[] from, int offset, int length, Buffer out) {
        number(FloatText::float8, length >= 2 && FloatText.isSpecial8(from, offset), from, offset, length, out);
    }

    private static void number(FieldEncoder text, boolean special, byte[] from, int offset, int length, Buffer out) {
        if (special) {
            out.put((byte) '"');
        }
        text.encode(from, offset, length, out);
        if (special) {
            out.put((byte) '"');
        }
    }

    /** In quotes, for types whose text never needs an escape. */
    static FieldEncoder quoted(FieldEncoder text) {
        return (from, offset, length, out) -> {
            out.put((byte) '"');
            text.encode(from, offset, length, out);
            out.put((byte) '"');
        };
    }

    private static byte[] escapes() {
        byte[] escapes = new byte[128];
        for (int i = 0; i < ' '; i++) {
            escapes[i] = 'u';
        }
        escapes['\b'] = 'b';
        escapes['\f'] = 'f';
        escapes['\n'] = 'n';
        escapes['\r'] = 'r';
        escapes['\t'] = 't';
        escapes['"'] = '"';
        escapes['\\'] = '\\';
        return escapes;
    }
}
