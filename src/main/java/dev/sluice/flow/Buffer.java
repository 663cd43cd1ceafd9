package dev.sluice.flow;

import java.util.Arrays;

/**
 * The growing byte buffer that a source fills and a pump empties; one for a whole stream, emptied after each chunk.
 *
 * <p>Encoders {@link #reserve} room, write into {@link #array()} themselves and then tell where they stopped by
 * {@link #setLength}: one check of bounds for a field and not one for a byte. It never grows past its limit, so that one
 * enormous row ends its own stream with a typed error and not the heap of everybody else. Not thread-safe: it has one
 * owner at a time.
 */
public final class Buffer {
    /** What a source should put into a buffer before it hands it over, in bytes. */
    public static final int CHUNK = 64 * 1024;

    private static final int START = CHUNK + 4 * 1024;
    /** What is kept after a large row; anything bigger is given back at the next {@link #clear()}. */
    private static final int KEEP = 1024 * 1024;

    private final int limit;
    private byte[] array;
    private int length;

    /** @param limit the most bytes that may be in the buffer at once, thus also the largest encoded row */
    public Buffer(int limit) {
        this.limit = limit;
        this.array = new byte[Math.min(START, limit)];
    }

    /** The bytes written are at 0 to {@link #length()}; the array changes when the buffer grows. */
    public byte[] array() {
        return array;
    }

    public int length() {
        return length;
    }

    /** Whether a chunk is full. */
    public boolean isFull() {
        return length >= CHUNK;
    }

    /** Says where the writer stopped, or rolls a half-written row back. */
    public void setLength(int newLength) {
        length = newLength;
    }

    public void clear() {
        length = 0;
        if (array.length > KEEP) {
            array = new byte[Math.min(START, limit)];
        }
    }

    /** Gives the memory back: the stream is over. */
    void release() {
        length = 0;
        array = new byte[0];
    }

    /**
     * Makes room for more bytes and answers where to write them.
     *
     * @throws BufferFullException past the limit
     */
    public int reserve(int more) {
        int at = length;
        if (more > array.length - at) {
            grow(more);
        }
        return at;
    }

    public void put(byte value) {
        int at = reserve(1);
        array[at] = value;
        length = at + 1;
    }

    public void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    public void put(byte[] from, int offset, int count) {
        int at = reserve(count);
        System.arraycopy(from, offset, array, at, count);
        length = at + count;
    }

    private void grow(int more) {
        long needed = (long) length + more;
        if (needed > limit) {
            throw new BufferFullException(limit);
        }
        array = Arrays.copyOf(array, (int) Math.min(limit, Math.max(needed, 2L * array.length)));
    }
}
