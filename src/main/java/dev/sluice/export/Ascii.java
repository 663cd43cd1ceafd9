package dev.sluice.export;

import java.nio.charset.StandardCharsets;

/** Fixed texts as bytes. */
final class Ascii {
    static final byte[] NULL = bytes("null");
    static final byte[] NAN = bytes("NaN");
    static final byte[] INFINITY = bytes("Infinity");
    static final byte[] NEGATIVE_INFINITY = bytes("-Infinity");

    private Ascii() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static int put(byte[] text, byte[] to, int at) {
        System.arraycopy(text, 0, to, at, text.length);
        return at + text.length;
    }
}
