package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** Arrays as the JSON functions print them: nested, without bounds, the elements as JSON values of their own. */
final class ArrayJson implements FieldEncoder {
    private static final byte[] EMPTY = Ascii.bytes("[]");

    private final FieldEncoder element;

    ArrayJson(FieldEncoder element) {
        this.element = element;
    }

    @Override
    public void encode(byte[] from, int offset, int length, Buffer out) {
        int dimensions = ArrayWire.dimensions(from, offset, length);
        if (dimensions == 0) {
            out.put(EMPTY);
            return;
        }
        putDimension(from, offset, ArrayWire.firstElement(offset, dimensions), 0, dimensions, out);
    }

    private int putDimension(byte[] from, int offset, int start, int dimension, int dimensions, Buffer out) {
        int at = start;
        int size = ArrayWire.size(from, offset, dimension);
        out.put((byte) '[');
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                out.put((byte) ',');
            }
            at = dimension + 1 < dimensions
                    ? putDimension(from, offset, at, dimension + 1, dimensions, out)
                    : putElement(from, at, out);
        }
        out.put((byte) ']');
        return at;
    }

    private int putElement(byte[] from, int at, Buffer out) {
        int length = Wire.int32(from, at);
        if (length < 0) {
            out.put(Ascii.NULL);
            return at + 4;
        }
        element.encode(from, at + 4, length, out);
        return at + 4 + length;
    }
}
