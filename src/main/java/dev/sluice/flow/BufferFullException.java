package dev.sluice.flow;

/** One piece of a stream, such as a row, was larger than a buffer may grow. */
public final class BufferFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BufferFullException(int limit) {
        super("larger than " + limit + " bytes");
    }
}
