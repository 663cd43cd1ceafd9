package dev.sluice.export;

import dev.sluice.flow.Buffer;

/**
 * Arrays, as {@code array_out} prints them. On the wire: number of dimensions, a flag, the element type, size and lower
 * bound of each dimension, then length and bytes of each element.
 */
final class ArrayText implements FieldEncoder {
    private static final byte[] EMPTY = Ascii.bytes("{}");
    private static final byte[] NULL = Ascii.bytes("NULL");
    /** The bytes for which array_out quotes an element; 2 for those that take a backslash as well. */
    private static final byte[] SPECIAL = special();

    private final FieldEncoder element;

    ArrayText(FieldEncoder element) {
        this.element = element;
    }

    @Override
    public void encode(byte[] from, int offset, int length, Buffer out) {
        int dimensions = ArrayWire.dimensions(from, offset, length);
        if (dimensions == 0) {
            out.put(EMPTY);
            return;
        }
        putBounds(from, offset, dimensions, out);
        putDimension(from, offset, ArrayWire.firstElement(offset, dimensions), 0, dimensions, out);
    }

    /** Only where one of the lower bounds is not 1. */
    private static void putBounds(byte[] from, int offset, int dimensions, Buffer out) {
        boolean needed = false;
        for (int i = 0; i < dimensions; i++) {
            needed |= ArrayWire.lowerBound(from, offset, i) != 1;
        }
        for (int i = 0; needed && i < dimensions; i++) {
            int lower = ArrayWire.lowerBound(from, offset, i);
            out.put((byte) '[');
            NumberText.append(lower, out);
            out.put((byte) ':');
            NumberText.append(lower + ArrayWire.size(from, offset, i) - 1, out);
            out.put((byte) ']');
        }
        if (needed) {
            out.put((byte) '=');
        }
    }

    private int putDimension(byte[] from, int offset, int start, int dimension, int dimensions, Buffer out) {
        int at = start;
        int size = ArrayWire.size(from, offset, dimension);
        out.put((byte) '{');
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                out.put((byte) ',');
            }
            at = dimension + 1 < dimensions
                    ? putDimension(from, offset, at, dimension + 1, dimensions, out)
                    : putElement(from, at, out);
        }
        out.put((byte) '}');
        return at;
    }

    private int putElement(byte[] from, int at, Buffer out) {
        int length = Wire.int32(from, at);
        if (length < 0) {
            out.put(NULL);
            return at + 4;
        }
        int start = out.length();
        element.encode(from, at + 4, length, out);
        quoteIfNeeded(start, out);
        return at + 4 + length;
    }

    private static void quoteIfNeeded(int start, Buffer out) {
        byte[] text = out.array();
        int end = out.length();
        int kinds = 0;
        int escapes = 0;
        for (int i = start; i < end; i++) {
            byte kind = SPECIAL[text[i] & 0xff];
            kinds |= kind;
            escapes += kind >> 1;
        }
        if (kinds != 0 || end == start || isNull(text, start, end)) {
            quote(start, escapes, out);
        }
    }

    private static boolean isNull(byte[] text, int start, int end) {
        if (end - start != 4) {
            return false;
        }
        for (int i = 0; i < 4; i++) {
            if ((text[start + i] & ~0x20) != NULL[i]) {
                return false;
            }
        }
        return true;
    }

    /** In place, from the end. */
    private static void quote(int start, int escapes, Buffer out) {
        int end = out.reserve(escapes + 2);
        byte[] text = out.array();
        int to = end + escapes + 2;
        out.setLength(to);
        text[--to] = '"';
        for (int i = end - 1; i >= start; i--) {
            byte value = text[i];
            text[--to] = value;
            if (SPECIAL[value & 0xff] == 2) {
                text[--to] = '\\';
            }
        }
        text[start] = '"';
    }

    private static byte[] special() {
        byte[] special = new byte[256];
        for (char c : "{}, \t\n\r\f\u000b".toCharArray()) {
            special[c] = 1;
        }
        special['"'] = 2;
        special['\\'] = 2;
        return special;
    }
}
