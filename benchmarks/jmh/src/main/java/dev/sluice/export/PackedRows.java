package dev.sluice.export;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Rows that lie one behind the other in one array, as in what COPY sends. Moved to a row by {@link #at}; one thread. */
final class PackedRows implements RowFields {
    private final byte[] bytes;
    private final int[] offsets;
    private final int[] lengths;
    private final int columns;
    private int first;

    /** @param rows of fields, null for a null */
    PackedRows(List<byte[][]> rows) {
        this.columns = rows.get(0).length;
        this.offsets = new int[rows.size() * columns];
        this.lengths = new int[rows.size() * columns];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        for (byte[][] row : rows) {
            for (byte[] field : row) {
                offsets[at] = all.size();
                lengths[at++] = field == null ? -1 : field.length;
                all.writeBytes(field == null ? new byte[0] : field);
            }
        }
        this.bytes = all.toByteArray();
    }

    PackedRows at(int row) {
        first = row * columns;
        return this;
    }

    @Override
    public int count() {
        return columns;
    }

    @Override
    public boolean isNull(int field) {
        return lengths[first + field] < 0;
    }

    @Override
    public byte[] bytes(int field) {
        return bytes;
    }

    @Override
    public int offset(int field) {
        return offsets[first + field];
    }

    @Override
    public int length(int field) {
        return lengths[first + field];
    }
}
