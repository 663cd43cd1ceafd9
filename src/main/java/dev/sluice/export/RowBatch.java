package dev.sluice.export;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;

/**
 * Some rows of a result set, as the driver's own byte arrays. Filled by one thread, read by another once it was handed
 * over, then filled again.
 */
final class RowBatch implements RowFields {
    /** What a field takes beside its bytes: the array's header and the reference to it. */
    private static final int FIELD_OVERHEAD = 24;

    private final int columns;
    private byte[][] fields = new byte[0][];
    private int rows;
    private int row = -1;
    private long largestRow;

    RowBatch(int columns) {
        this.columns = columns;
    }

    /** Takes so many rows, or fewer at the end. */
    @SuppressWarnings("NullAway") // a null field is a null in the array
    void fill(ResultSet from, int most) throws SQLException {
        rows = 0;
        row = -1;
        largestRow = 1;
        if (fields.length < columns * most) {
            fields = new byte[columns * most][];
        }
        int at = 0;
        while (rows < most && from.next()) {
            long bytes = (long) columns * FIELD_OVERHEAD;
            for (int i = 1; i <= columns; i++) {
                byte[] field = from.getBytes(i);
                fields[at++] = field;
                bytes += field == null ? 0 : field.length;
            }
            largestRow = Math.max(largestRow, bytes);
            rows++;
        }
        // What a wider batch before left behind would be held to the end of the export.
        Arrays.fill(fields, at, fields.length, null);
    }

    boolean hasNext() {
        return row + 1 < rows;
    }

    boolean next() {
        return ++row < rows;
    }

    int rows() {
        return rows;
    }

    /** Bytes that the largest row takes, at least one. */
    long largestRow() {
        return largestRow;
    }

    @Override
    public int count() {
        return columns;
    }

    @Override
    @SuppressWarnings("NullAway") // a null field is a null in the array
    public boolean isNull(int field) {
        return fields[row * columns + field] == null;
    }

    @Override
    public byte[] bytes(int field) {
        return fields[row * columns + field];
    }

    @Override
    public int offset(int field) {
        return 0;
    }

    @Override
    public int length(int field) {
        return fields[row * columns + field].length;
    }
}
