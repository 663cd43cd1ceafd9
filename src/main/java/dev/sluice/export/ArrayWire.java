package dev.sluice.export;

/** Reads the header of an array in the binary format. */
final class ArrayWire {
    private static final int HEADER = 12;
    private static final int PER_DIMENSION = 8;
    private static final int MAX_DIMENSIONS = 6;

    private ArrayWire() {}

    static int dimensions(byte[] from, int offset, int length) {
        int dimensions = length < HEADER ? -1 : Wire.int32(from, offset);
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS || length < HEADER + PER_DIMENSION * dimensions) {
            throw new MalformedFieldException("array of " + length + " bytes");
        }
        return dimensions;
    }

    static int size(byte[] from, int offset, int dimension) {
        return Wire.int32(from, offset + HEADER + PER_DIMENSION * dimension);
    }

    static int lowerBound(byte[] from, int offset, int dimension) {
        return Wire.int32(from, offset + HEADER + PER_DIMENSION * dimension + 4);
    }

    static int firstElement(int offset, int dimensions) {
        return offset + HEADER + PER_DIMENSION * dimensions;
    }
}
