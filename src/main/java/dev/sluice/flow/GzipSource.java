package dev.sluice.flow;

import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses another source while it streams (gzip, RFC 1952). Owned as its inner source is; frees its native memory on
 * close.
 */
public final class GzipSource implements Source {
    /** The fastest, and nearly as small as the others: benchmarks/results/gzip-level.md. */
    private static final int LEVEL = 1;

    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

    private final Source inner;
    private final Deflater deflater = new Deflater(LEVEL, true);
    private final CRC32 checksum = new CRC32();
    private final Buffer plain;
    private boolean begun;
    private long length;

    /** @param limit the most bytes the inner source may put into its buffer at once */
    public GzipSource(Source inner, int limit) {
        this.inner = inner;
        this.plain = new Buffer(limit);
    }

    @Override
    public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
        plain.clear();
        Step step = inner.fill(plain, wakeUp);
        if (!begun) {
            if (plain.length() == 0 && step != Step.END) {
                return step;
            }
            buffer.put(HEADER);
            begun = true;
        }
        compress(buffer, step);
        if (step == Step.END) {
            trailer(buffer);
        }
        return step;
    }

    @Override
    public void cancel() {
        inner.cancel();
    }

    @Override
    public void close(EndReason reason, @Nullable Throwable error) {
        deflater.end();
        inner.close(reason, error);
    }

    private void compress(Buffer out, Step step) {
        checksum.update(plain.array(), 0, plain.length());
        length += plain.length();
        deflater.setInput(plain.array(), 0, plain.length());
        if (step == Step.END) {
            deflater.finish();
        }
        // What is said before a wait should reach the client now, not with the next block.
        int mode = step == Step.WAIT ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
        int written;
        do {
            int at = out.reserve(Buffer.CHUNK / 4);
            written = deflater.deflate(out.array(), at, out.array().length - at, mode);
            out.setLength(at + written);
        } while (written > 0 && !deflater.finished());
    }

    private void trailer(Buffer out) {
        littleEndian(out, checksum.getValue());
        littleEndian(out, length);
    }

    private static void littleEndian(Buffer out, long value) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.put((byte) (value >>> shift));
        }
    }
}
