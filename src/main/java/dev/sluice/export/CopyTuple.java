package dev.sluice.export;

import java.util.Arrays;

/**
 * One row as binary COPY sends it, read in place: a message holds the number of fields, then length and bytes of each
 * (PostgreSQL manual, COPY, "Binary Format"). One instance serves all rows of an export. Used by one thread at a time.
 */
final class CopyTuple implements RowFields {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int HEADER = SIGNATURE.length + 8;
    /** A reader must refuse what it does not know of these; the others it may ignore. */
    private static final int CRITICAL_FLAGS = 0xffff_0000;

    private static final int TRAILER = -1;

    private final int[] offsets;
    private final int[] lengths;
    private byte[] message = new byte[0];

    CopyTuple(int columns) {
        this.offsets = new int[columns];
        this.lengths = new int[columns];
    }

    /** Checks what a COPY begins with, and answers where its first tuple is. */
    static int afterHeader(byte[] message) {
        if (message.length < HEADER
                || !Arrays.equals(message, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)
                || (Wire.int32(message, SIGNATURE.length) & CRITICAL_FLAGS) != 0) {
            throw new MalformedFieldException("the header of a COPY");
        }
        int extension = Wire.int32(message, SIGNATURE.length + 4);
        if (extension < 0 || extension > message.length - HEADER) {
            throw new MalformedFieldException("a COPY whose header is extended by " + extension + " bytes");
        }
        return HEADER + extension;
    }

    /**
     * Finds the fields of the row in a message.
     *
     * @param start where the tuple is; all behind it belongs to it
     * @return false when it is the trailer, which stands behind the last row
     */
    boolean read(byte[] from, int start) {
        message = from;
        int end = from.length;
        if (end - start < 2) {
            throw malformed(from, "no number of fields");
        }
        int count = Wire.int16(from, start);
        if (count != lengths.length) {
            if (count == TRAILER && end == start + 2) {
                return false;
            }
            throw malformed(from, count + " fields in place of " + lengths.length);
        }
        int at = start + 2;
        for (int i = 0; i < count; i++) {
            if (end - at < 4) {
                throw malformed(from, "no length of field " + i);
            }
            int length = Wire.int32(from, at);
            at += 4;
            offsets[i] = at;
            lengths[i] = length;
            if (length > 0) {
                if (length > end - at) {
                    throw malformed(from, "field " + i + " of " + length + " bytes");
                }
                at += length;
            } else if (length < -1) {
                throw malformed(from, "field " + i + " of " + length + " bytes");
            }
        }
        if (at != end) {
            throw malformed(from, "something behind the last field");
        }
        return true;
    }

    private static MalformedFieldException malformed(byte[] message, String what) {
        return new MalformedFieldException("a COPY tuple of " + message.length + " bytes with " + what);
    }

    @Override
    public int count() {
        return lengths.length;
    }

    @Override
    public boolean isNull(int field) {
        return lengths[field] < 0;
    }

    @Override
    public byte[] bytes(int field) {
        return message;
    }

    @Override
    public int offset(int field) {
        return offsets[field];
    }

    @Override
    public int length(int field) {
        return lengths[field];
    }
}
