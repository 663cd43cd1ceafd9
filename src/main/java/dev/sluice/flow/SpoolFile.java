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
 * each of them given back as soon as it is read; of one that may still grow, what is there, as soon as all of it is read.
 *
 * <p>Blocks are small, whatever is appended: the reader's buffer takes one beside what it holds, and so do the buffers
 * that the JDK keeps for each thread that reads or writes files.
 *
 * <p>Thread-safety: one writer and one reader at a time, which may be two threads; {@link #finish} by the writer, then
 * {@link #close} by either, once both are done.
 */
final class SpoolFile implements AutoCloseable {
    /** Bytes in a block at most, as they were. */
    static final int BLOCK = Buffer.CHUNK;
    /** Of a block: its length as it was, and on disk. */
    private static final int HEADER = 8;

    private final Spool spool;
    private final boolean compress;
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final Inflater inflater = new Inflater(true);

    private final Deque<Segment> segments = new ArrayDeque<>(); // guarded by this
    private boolean appending; // guarded by this
    private boolean closed; // guarded by this
    private byte[] packed = new byte[0];
    private ByteBuffer read = ByteBuffer.allocate(HEADER);

    /** A part of the file, with how far it is written and read: both guarded by the file, each changed by one side. */
    private static final class Segment {
        private final FileChannel channel;
        private long written;
        private long read;

        Segment(FileChannel channel) {
            this.channel = channel;
        }

        boolean isRead() {
            return read == written;
        }
    }

    /** @param compress unless what is written is compressed already */
    SpoolFile(Spool spool, boolean compress) throws IOException {
        this.spool = spool;
        this.compress = compress;
        segments.add(new Segment(spool.file()));
    }

    /** Appends bytes; they can be read when this returns. */
    void append(byte[] from, int length) throws IOException {
        for (int at = 0; at < length; at += BLOCK) {
            appendBlock(from, at, Math.min(BLOCK, length - at));
        }
    }

    private void appendBlock(byte[] from, int offset, int length) throws IOException {
        ByteBuffer block = compress ? packed(from, offset, length) : plain(from, offset, length);
        int size = block.remaining();
        Segment last = begin();
        long end = last.written;
        try {
            write(block, last.channel, end);
            spool.take(size);
            end += size;
        } finally {
            end(last, end);
        }
    }

    private static void write(ByteBuffer block, FileChannel to, long start) throws IOException {
        long at = start;
        while (block.hasRemaining()) {
            at += to.write(block, at);
        }
    }

    /** The segment to append to; nobody takes it away until the end. */
    private Segment begin() throws IOException {
        synchronized (this) {
            Segment last = segments.getLast();
            if (last.written < spool.segment()) {
                appending = true;
                return last;
            }
        }
        Segment next = new Segment(spool.file());
        synchronized (this) {
            segments.addLast(next);
            appending = true;
        }
        return next;
    }

    private synchronized void end(Segment last, long written) {
        last.written = written;
        appending = false;
    }

    /** Nothing more is appended: frees what only that needs. */
    void finish() {
        deflater.end();
        packed = new byte[0];
    }

    /** Whether all that was appended is read. */
    synchronized boolean isEmpty() {
        return segments.stream().allMatch(Segment::isRead);
    }

    /** Reads the next block into the buffer, which must not be full; false when there is none yet. */
    boolean next(Buffer into) throws IOException {
        Segment first = unread();
        if (first == null) {
            return false;
        }
        ByteBuffer header = read(first, first.read, HEADER);
        int length = header.getInt();
        int stored = header.getInt();
        ByteBuffer block = read(first, first.read + HEADER, stored);
        int at = into.reserve(length);
        if (compress) {
            unpack(block, into.array(), at, length);
        } else {
            block.get(into.array(), at, length);
        }
        into.setLength(at + length);
        taken(first, HEADER + stored);
        return true;
    }

    private void taken(Segment first, int bytes) throws IOException {
        synchronized (this) {
            first.read += bytes;
        }
        unread();
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

    private ByteBuffer plain(byte[] from, int offset, int length) {
        ByteBuffer block = room(length);
        return block.putInt(length).putInt(length).put(from, offset, length).flip();
    }

    private ByteBuffer packed(byte[] from, int offset, int length) {
        deflater.reset();
        deflater.setInput(from, offset, length);
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

    /** The segment to read from; what is read to its end is given back on the way. */
    private @Nullable Segment unread() throws IOException {
        while (true) {
            Segment done;
            synchronized (this) {
                Segment first = segments.getFirst();
                if (!first.isRead()) {
                    return first;
                }
                if (segments.size() == 1) {
                    break;
                }
                done = segments.removeFirst();
            }
            drop(done);
        }
        empty();
        return null;
    }

    /** Gives back what is in the one segment that may still grow, unless that is just what it does. */
    private void empty() throws IOException {
        long freed = 0;
        synchronized (this) {
            Segment only = segments.getFirst();
            if (!appending && only.isRead() && only.written > 0) {
                freed = only.written;
                only.channel.truncate(0);
                only.written = 0;
                only.read = 0;
            }
        }
        if (freed > 0) {
            spool.free(freed);
        }
    }

    private ByteBuffer read(Segment from, long start, int length) throws IOException {
        if (read.capacity() < length) {
            read = ByteBuffer.allocate(length);
        }
        read.clear().limit(length);
        while (read.hasRemaining()) {
            int some = from.channel.read(read, start + read.position());
            if (some < 0) {
                throw new EOFException("A spool file ends early");
            }
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
