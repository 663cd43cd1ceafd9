package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** The small types that belong to no other theme: bool, text, bit strings, jsonb, tid. */
final class ScalarText {
    private static final int JSONB_VERSION = 1;

    private ScalarText() {}

    static void bool(byte[] from, int offset, int length, Buffer out) {
        out.put((byte) (isTrue(from, offset, length) ? 't' : 'f'));
    }

    static boolean isTrue(byte[] from, int offset, int length) {
        Wire.expect(1, length, "bool");
        if ((from[offset] & ~1) != 0) {
            throw new MalformedFieldException("bool of " + from[offset]);
        }
        return from[offset] == 1;
    }

    static void text(byte[] from, int offset, int length, Buffer out) {
        out.put(from, offset, length);
    }

    /** Behind a version number stands the text. */
    static void jsonb(byte[] from, int offset, int length, Buffer out) {
        checkJsonb(from, offset, length);
        out.put(from, offset + 1, length - 1);
    }

    static void checkJsonb(byte[] from, int offset, int length) {
        if (length < 1 || from[offset] != JSONB_VERSION) {
            throw new MalformedFieldException("jsonb of another version");
        }
    }

    /** How many bits, then the bits. */
    static void bits(byte[] from, int offset, int length, Buffer out) {
        int count = length < 4 ? -1 : Wire.int32(from, offset);
        if (count < 0 || (count + 7L) / 8 != length - 4) {
            throw new MalformedFieldException("bit string of " + length + " bytes");
        }
        int at = out.reserve(count);
        byte[] to = out.array();
        for (int i = 0; i < count; i++) {
            to[at + i] = (byte) ('0' + ((from[offset + 4 + (i >> 3)] >> (7 - (i & 7))) & 1));
        }
        out.setLength(at + count);
    }

    static void tid(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(6, length, "tid");
        out.put((byte) '(');
        NumberText.append(Wire.int32(from, offset) & 0xffff_ffffL, out);
        out.put((byte) ',');
        NumberText.append(Wire.unsigned16(from, offset + 4), out);
        out.put((byte) ')');
    }
}
