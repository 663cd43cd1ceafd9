package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** What prints as hexadecimal: uuid, bytea (bytea_output=hex), macaddr, macaddr8, pg_lsn. */
final class HexText {
    private static final byte[] DIGITS = Ascii.bytes("0123456789abcdef");
    private static final VarHandle PAIR = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    /** Two digits for each byte value, written at once. */
    private static final short[] PAIRS = pairs();

    private HexText() {}

    static void uuid(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(16, length, "uuid");
        int at = out.reserve(36);
        putUuid(from, offset, out.array(), at);
        out.setLength(at + 36);
    }

    static void jsonUuid(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(16, length, "uuid");
        int at = out.reserve(38);
        byte[] to = out.array();
        to[at] = '"';
        putUuid(from, offset, to, at + 1);
        to[at + 37] = '"';
        out.setLength(at + 38);
    }

    private static void putUuid(byte[] from, int offset, byte[] to, int at) {
        putHex(from, offset, 4, to, at);
        to[at + 8] = '-';
        putHex(from, offset + 4, 2, to, at + 9);
        to[at + 13] = '-';
        putHex(from, offset + 6, 2, to, at + 14);
        to[at + 18] = '-';
        putHex(from, offset + 8, 2, to, at + 19);
        to[at + 23] = '-';
        putHex(from, offset + 10, 6, to, at + 24);
    }

    static void bytea(byte[] from, int offset, int length, Buffer out) {
        int at = out.reserve(doubled(length, 2));
        byte[] to = out.array();
        to[at] = '\\';
        to[at + 1] = 'x';
        putHex(from, offset, length, to, at + 2);
        out.setLength(at + 2 + 2 * length);
    }

    static void jsonBytea(byte[] from, int offset, int length, Buffer out) {
        int at = out.reserve(doubled(length, 5));
        byte[] to = out.array();
        to[at] = '"';
        to[at + 1] = '\\';
        to[at + 2] = '\\';
        to[at + 3] = 'x';
        putHex(from, offset, length, to, at + 4);
        to[at + 4 + 2 * length] = '"';
        out.setLength(at + 5 + 2 * length);
    }

    private static int doubled(int length, int more) {
        return (int) Math.min(Integer.MAX_VALUE, 2L * length + more);
    }

    static void macaddr(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(6, length, "macaddr");
        colons(from, offset, length, out);
    }

    static void macaddr8(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "macaddr8");
        colons(from, offset, length, out);
    }

    private static void colons(byte[] from, int offset, int length, Buffer out) {
        int at = out.reserve(3 * length);
        byte[] to = out.array();
        for (int i = 0; i < length; i++) {
            putHex(from, offset + i, 1, to, at + 3 * i);
            to[at + 3 * i + 2] = ':';
        }
        out.setLength(at + 3 * length - 1);
    }

    /** Two numbers in capital letters without leading zeros. */
    static void lsn(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "pg_lsn");
        int at = out.reserve(17);
        byte[] to = out.array();
        at = putNumber(Wire.int32(from, offset), true, to, at);
        to[at++] = '/';
        out.setLength(putNumber(Wire.int32(from, offset + 4), true, to, at));
    }

    /** A number without leading zeros. */
    static int putNumber(int value, boolean capitals, byte[] to, int at) {
        int digits = Math.max(1, (35 - Integer.numberOfLeadingZeros(value)) / 4);
        for (int i = 0; i < digits; i++) {
            byte digit = DIGITS[(value >>> (4 * (digits - 1 - i))) & 0xf];
            to[at + i] = capitals && digit >= 'a' ? (byte) (digit - 'a' + 'A') : digit;
        }
        return at + digits;
    }

    private static void putHex(byte[] from, int offset, int count, byte[] to, int start) {
        int at = start;
        for (int i = offset; i < offset + count; i++) {
            PAIR.set(to, at, PAIRS[from[i] & 0xff]);
            at += 2;
        }
    }

    private static short[] pairs() {
        short[] pairs = new short[256];
        for (int i = 0; i < 256; i++) {
            pairs[i] = (short) ((DIGITS[i >> 4] << 8) | DIGITS[i & 0xf]);
        }
        return pairs;
    }
}
