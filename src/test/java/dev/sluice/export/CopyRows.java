package dev.sluice.export;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads what {@code COPY ... TO STDOUT (FORMAT binary)} sent, field by field, in the way a row source will. */
final class CopyRows implements RowFields {
    private static final int FILE_HEADER = 19;

    private final byte[] bytes;
    private final List<Integer> offsets = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();

    private CopyRows(byte[] bytes) {
        this.bytes = bytes;
    }

    static long forEach(byte[] copied, Consumer<RowFields> rows) {
        CopyRows row = new CopyRows(copied);
        ByteBuffer in = ByteBuffer.wrap(copied).position(FILE_HEADER);
        long count = 0;
        for (int fields = in.getShort(); fields >= 0; fields = in.getShort()) {
            row.read(in, fields);
            rows.accept(row);
            count++;
        }
        return count;
    }

    private void read(ByteBuffer in, int fields) {
        offsets.clear();
        lengths.clear();
        for (int i = 0; i < fields; i++) {
            int length = in.getInt();
            lengths.add(length);
            offsets.add(in.position());
            in.position(in.position() + Math.max(length, 0));
        }
    }

    @Override
    public int count() {
        return lengths.size();
    }

    @Override
    public boolean isNull(int field) {
        return lengths.get(field) < 0;
    }

    @Override
    public byte[] bytes(int field) {
        return bytes;
    }

    @Override
    public int offset(int field) {
        return offsets.get(field);
    }

    @Override
    public int length(int field) {
        return lengths.get(field);
    }
}
