package dev.sluice.export;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads the big-endian numbers of PostgreSQL's binary format. */
final class Wire {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Wire() {}

    static int int16(byte[] from, int offset) {
        return (short) SHORT.get(from, offset);
    }

    static int unsigned16(byte[] from, int offset) {
        return (short) SHORT.get(from, offset) & 0xffff;
    }

    static int int32(byte[] from, int offset) {
        return (int) INT.get(from, offset);
    }

    static long int64(byte[] from, int offset) {
        return (long) LONG.get(from, offset);
    }

    /** A field of another length is not of the type the catalogue promised: better no export than a wrong one. */
    static void expect(int expected, int length, String type) {
        if (length != expected) {
            throw new MalformedFieldException(type + " of " + length + " bytes");
        }
    }
}
