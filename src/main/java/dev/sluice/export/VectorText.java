package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** {@code int2vector} and {@code oidvector}: arrays on the wire and in JSON, numbers with spaces in text. */
final class VectorText implements FieldEncoder {
    private final FieldEncoder element;

    VectorText(FieldEncoder element) {
        this.element = element;
    }

    @Override
    public void encode(byte[] from, int offset, int length, Buffer out) {
        int dimensions = ArrayWire.dimensions(from, offset, length);
        int size = dimensions == 0 ? 0 : ArrayWire.size(from, offset, 0);
        int at = ArrayWire.firstElement(offset, dimensions);
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                out.put((byte) ' ');
            }
            int bytes = Wire.int32(from, at);
            element.encode(from, at + 4, bytes, out);
            at += 4 + bytes;
        }
    }
}
