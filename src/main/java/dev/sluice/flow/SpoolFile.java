package dev.sluice.flow;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * One stream on disk: blocks that one thread appends while another reads them in their order. It is a chain of segments,
 * each of them given back as soon as it is read.
 *
 * <p>Thread-safety: one writer and one reader at a time, which may be two threads; {@link #finish} by the writer, then
 * {@link #close} by either, once both are done.
 */
final class SpoolFile implements AutoCloseable {
    private static final int SEGMENT = 8 * 1024 * 1024;
    /** Of a block: its length as it was, and on disk. */
    private static final int HEADER = 8;

    private final Spool spool;
    private final boolean compress;
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final Inflater inflater = new Inflater(true);

    private final Deque<Segment> segments = new ArrayDeque<>(); // guarded by this
    private boolean closed; // guarded by this
    private byte[] packed = new byte[0];
    private ByteBuffer read = ByteBuffer.allocate(HEADER);

    /** A part of the file, with how far it is written and read. */
    private static final class Segment {
        private final FileChannel channel;
        private long written;
        private long read;

        Segment(FileChannel channel) {
            this.channel = channel;
        }
    }

    /** @param compress unless what is written is compressed already */
    SpoolFile(Spool spool, boolean compress) throws IOException {
        this.spool = spool;
        this.compress = compress;
        segments.add(new Segment(spool.file()));
    }

    /** Appends a block; it can be read when this returns. */
    void append(byte[] from, int length) throws IOException {
        ByteBuffer block = compress ? packed(from, length) : plain(from, length);
        int size = block.remaining();
        Segment last = last();
        long at = last.written;
        while (block.hasRemaining()) {
            at += last.channel.write(block, at);
        }
        spool.take(size);
        synchronized (this) {
            last.written = at;
        }
    }

    /** Nothing more is appended: frees what only that needs. */
    void finish() {
        deflater.end();
        packed = new byte[0];
    }

    /** Reads the next block into the buffer; false when there is none yet. */
    boolean next(Buffer into) throws IOException {
        Segment first = first();
        if (first == null) {
            return false;
        }
        ByteBuffer header = take(first, HEADER);
        int length = header.getInt();
        int stored = header.getInt();
        ByteBuffer block = take(first, stored);
        int at = into.reserve(length);
        if (compress) {
            unpack(block, into.array(), at, length);
        } else {
            block.get(into.array(), at, length);
        }
        into.setLength(at + length);
        return true;
    }

    @Override
    public void close() {
        Deque<Segment> left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = new ArrayDeque<>(segments);
            segments.clear();
        }
        inflater.end();
        left.forEach(this::drop);
    }

    private ByteBuffer plain(byte[] from, int length) {
        ByteBuffer block = room(length);
        return block.putInt(length).putInt(length).put(from, 0, length).flip();
    }

    private ByteBuffer packed(byte[] from, int length) {
        deflater.reset();
        deflater.setInput(from, 0, length);
        deflater.finish();
        // Deflate adds at most a few bytes to each 16 KiB that it cannot shorten.
        ByteBuffer block = room(length + length / 1000 + 64);
        int stored = deflater.deflate(packed, HEADER, packed.length - HEADER);
        return block.putInt(length).putInt(stored).position(HEADER + stored).flip();
    }

    private ByteBuffer room(int length) {
        if (packed.length < HEADER + length) {
            packed = new byte[HEADER + length];
        }
        return ByteBuffer.wrap(packed);
    }

    private void unpack(ByteBuffer block, byte[] into, int at, int length) throws IOException {
        inflater.reset();
        inflater.setInput(block);
        try {
            int done = 0;
            while (done < length) {
                int some = inflater.inflate(into, at + done, length - done);
                if (some == 0) {
                    throw new EOFException("A spooled block ends early");
                }
                done += some;
            }
        } catch (DataFormatException e) {
            throw new IOException("A spooled block is damaged", e);
        }
    }

    private Segment last() throws IOException {
        Segment last;
        synchronized (this) {
            last = segments.getLast();
        }
        if (last.written < SEGMENT) {
            return last;
        }
        Segment next = new Segment(spool.file());
        synchronized (this) {
            segments.addLast(next);
        }
        return next;
    }

    /** The segment to read from: what is read to its end, and will not grow, is given back. */
    private @Nullable Segment first() {
        while (true) {
            Segment done;
            synchronized (this) {
                Segment first = segments.getFirst();
                if (first.read < first.written) {
                    return first;
                }
                if (segments.size() == 1) {
                    return null;
                }
                done = segments.removeFirst();
            }
            drop(done);
        }
    }

    private ByteBuffer take(Segment from, int length) throws IOException {
        if (read.capacity() < length) {
            read = ByteBuffer.allocate(length);
        }
        read.clear().limit(length);
        while (read.hasRemaining()) {
            int some = from.channel.read(read, from.read);
            if (some < 0) {
                throw new EOFException("A spool file ends early");
            }
            from.read += some;
        }
        return read.flip();
    }

    private void drop(Segment segment) {
        try {
            segment.channel.close();
        } catch (IOException e) {
            // Nothing of it is needed any more.
        }
        spool.free(segment.written);
    }
}
