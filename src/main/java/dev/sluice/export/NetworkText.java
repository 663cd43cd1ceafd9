package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** {@code inet} and {@code cidr}. On the wire: family, bits of the mask, whether cidr, length, address. */
final class NetworkText {
    private static final int IPV4 = 2;
    private static final int IPV6 = 3;
    private static final int HEADER = 4;
    private static final int MAX_LENGTH = 64;

    private NetworkText() {}

    static void text(byte[] from, int offset, int length, Buffer out) {
        int size = length == HEADER + 4 ? 4 : 16;
        Wire.expect(HEADER + size, length, "inet");
        if (from[offset] != (size == 4 ? IPV4 : IPV6)) {
            throw new MalformedFieldException("inet of family " + from[offset]);
        }
        int at = out.reserve(MAX_LENGTH);
        byte[] to = out.array();
        at = size == 4 ? putIpv4(from, offset + HEADER, to, at) : putIpv6(from, offset + HEADER, to, at);
        int bits = from[offset + 1] & 0xff;
        boolean cidr = from[offset + 2] != 0;
        if (cidr || bits != 8 * size) {
            to[at++] = '/';
            at = NumberText.putLong(bits, to, at);
        }
        out.setLength(at);
    }

    private static int putIpv4(byte[] from, int offset, byte[] to, int start) {
        int at = NumberText.putLong(from[offset] & 0xff, to, start);
        for (int i = 1; i < 4; i++) {
            to[at++] = '.';
            at = NumberText.putLong(from[offset + i] & 0xff, to, at);
        }
        return at;
    }

    /** The first of the longest runs of two or more zero words becomes two colons. */
    private static int putIpv6(byte[] from, int offset, byte[] to, int start) {
        int zeros = longestRunOfZeros(from, offset);
        int first = zeros >> 8;
        int behind = first + (zeros & 0xff);
        int at = start;
        for (int i = 0; i < 8; i++) {
            if (i >= first && i < behind) {
                if (i == first) {
                    to[at++] = ':';
                }
                continue;
            }
            if (i > 0) {
                to[at++] = ':';
            }
            if (i == 6 && first == 0 && isIpv4Inside(behind, from, offset)) {
                return putIpv4(from, offset + 12, to, at);
            }
            at = HexText.putNumber(Wire.unsigned16(from, offset + 2 * i), false, to, at);
        }
        if (behind == 8) {
            to[at++] = ':';
        }
        return at;
    }

    private static boolean isIpv4Inside(int zeros, byte[] from, int offset) {
        return zeros == 6 || (zeros == 5 && Wire.unsigned16(from, offset + 10) == 0xffff);
    }

    /** First word and length in one number; past the end for none. */
    private static int longestRunOfZeros(byte[] from, int offset) {
        int best = 9 << 8;
        int run = 0;
        for (int i = 0; i < 8; i++) {
            run = Wire.int16(from, offset + 2 * i) == 0 ? run + 1 : 0;
            if (run >= 2 && run > (best & 0xff)) {
                best = ((i + 1 - run) << 8) | run;
            }
        }
        return best;
    }
}
