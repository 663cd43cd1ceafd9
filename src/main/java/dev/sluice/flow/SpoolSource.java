package dev.sluice.flow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that can be drained into the {@link Spool} at full speed while its client goes on at its own pace, byte for
 * byte the same: whatever the source holds is free as soon as it is drained. Until then it passes everything through.
 *
 * <p>Thread-safety: as every {@link Source}; {@link #spool} and the questions come from anywhere, at any time.
 */
public final class SpoolSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolSource.class);

    private final Source source;
    private final Spool spool;
    private final Streams streams;
    private final boolean compress;
    private final Executor executor;
    private final InstantSource clock;
    private final int largestPiece;
    private final String what;

    /** Held by whoever reads the source: a fill, or the one who diverts it between two fills. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile boolean wanted;
    private volatile boolean begun;
    private volatile boolean ended;
    private volatile @Nullable Drain drain;
    private volatile long idleSince;
    private volatile long idleMillis;

    /**
     * @param compress whether it is worth while to compress on disk
     * @param executor where the source may block
     * @param largestPiece bytes that the source may hand over at once
     * @param what for operators: what is drained
     */
    public SpoolSource(
            Source source,
            Spool spool,
            Streams streams,
            boolean compress,
            Executor executor,
            InstantSource clock,
            int largestPiece,
            String what) {
        this.source = source;
        this.spool = spool;
        this.streams = streams;
        this.compress = compress;
        this.executor = executor;
        this.clock = clock;
        this.largestPiece = largestPiece;
        this.what = what;
        this.idleSince = clock.millis();
    }

    /** How long it has waited for its client since it began, in milliseconds. */
    public long idleMillis() {
        return idleMillis + (reading.isLocked() ? 0 : clock.millis() - idleSince);
    }

    /** Whether it has given something, has more to give, and reads its source for its client alone. */
    public boolean isDirect() {
        return begun && !ended && drain == null && !wanted;
    }

    /** Whether its source is being drained. */
    public boolean isDraining() {
        Drain now = drain;
        return now != null ? now.isOpen() : wanted && !ended;
    }

    /** Whether it is drained no further because the spool is full. */
    public boolean waitsForRoom() {
        Drain now = drain;
        return now != null && now.waitsForRoom();
    }

    /**
     * Drains the source into the spool, at the end of a fill that runs just now; the client notices nothing.
     *
     * @return whether there is room for one more
     */
    public boolean spool() {
        if (!spool.hasPlace()) {
            return false;
        }
        wanted = true;
        divertBetweenFills();
        return true;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // the owner alone writes
    public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
        reading.lock();
        try {
            idleMillis += clock.millis() - idleSince;
            Drain diverted = drain;
            return diverted == null ? direct(buffer, wakeUp) : diverted.read(buffer, wakeUp);
        } finally {
            idleSince = clock.millis();
            reading.unlock();
            divertBetweenFills();
        }
    }

    private Step direct(Buffer buffer, Runnable wakeUp) throws Exception {
        Step step = Step.END; // as it is when the source fails
        try {
            step = source.fill(buffer, wakeUp);
            return step;
        } finally {
            begun |= buffer.length() > 0;
            ended = step == Step.END;
        }
    }

    @Override
    public void cancel() {
        Drain diverted = drain;
        if (diverted == null) {
            source.cancel();
        } else {
            diverted.pump.end(EndReason.CANCELLED, null);
        }
    }

    @Override
    public void close(EndReason reason, @Nullable Throwable error) {
        reading.lock();
        try {
            ended = true;
            Drain diverted = drain;
            if (diverted == null) {
                source.close(reason, error);
            } else {
                diverted.close(reason, error);
            }
        } finally {
            reading.unlock();
        }
    }

    /** Whoever sees the wish last fulfils it: the one who has it, or the fill that was in his way. */
    private void divertBetweenFills() {
        while (wanted && drain == null && begun && !ended && reading.tryLock()) {
            try {
                if (drain == null && !ended) {
                    divert();
                }
            } finally {
                wanted = false;
                reading.unlock();
            }
        }
    }

    private void divert() {
        if (!spool.enter()) {
            return;
        }
        try {
            Drain diverted = new Drain(new SpoolFile(spool, compress));
            drain = diverted;
            diverted.pump.writable();
        } catch (IOException e) {
            spool.leave();
            LOG.warn("A stream cannot be spooled and goes on without", e);
        }
    }

    /** The way through the file: a pump of its own empties the source into it, the client's pump reads it. */
    private final class Drain implements Target {
        private final SpoolFile file;
        private final Pump pump;
        private final Runnable roomAgain = this::roomAgain;

        private @Nullable Runnable reader; // guarded by this
        private @Nullable EndReason end; // guarded by this
        private @Nullable Throwable failure; // guarded by this
        private boolean full; // guarded by this
        private boolean left; // guarded by this

        Drain(SpoolFile file) {
            this.file = file;
            this.pump = streams.tracked(source, this, executor, Pump.Limits.none(largestPiece), "spool", what);
        }

        synchronized boolean isOpen() {
            return end == null;
        }

        synchronized boolean waitsForRoom() {
            return full && end == null;
        }

        /** For the client: what is in the file, then the source's own end. */
        Step read(Buffer buffer, Runnable wakeUp) throws Exception {
            boolean found = false;
            while (!buffer.isFull() && file.next(buffer)) {
                found = true;
            }
            return found ? Step.MORE : atItsEnd(buffer, wakeUp);
        }

        private Step atItsEnd(Buffer buffer, Runnable wakeUp) throws Exception {
            EndReason reached;
            synchronized (this) {
                reader = wakeUp;
                reached = end;
            }
            // What came between the look into the file and the look at its end.
            if (file.next(buffer)) {
                return Step.MORE;
            }
            if (reached == null) {
                return Step.WAIT;
            }
            if (reached != EndReason.COMPLETE) {
                throw new IOException("The source of a spooled stream ended: " + reached.label(), failure());
            }
            return Step.END;
        }

        private synchronized @Nullable Throwable failure() {
            return failure;
        }

        @Override
        public boolean isReady() {
            boolean room = spool.hasRoom(roomAgain);
            synchronized (this) {
                full = !room;
            }
            return room;
        }

        private void roomAgain() {
            pump.writable();
        }

        @Override
        public void write(Buffer buffer) {
            try {
                file.append(buffer.array(), buffer.length());
            } catch (IOException e) {
                // Not the client's fault, as a pump would take it.
                throw new UncheckedIOException("The spool cannot be written", e);
            }
            wakeReader();
        }

        @Override
        public void flush() {
            // The reader sees everything at once.
        }

        @Override
        public void complete() {
            ended(EndReason.COMPLETE, null);
        }

        @Override
        public void fail(EndReason reason, @Nullable Throwable error) {
            ended(reason, error);
        }

        private void ended(EndReason reason, @Nullable Throwable error) {
            file.finish();
            boolean alone;
            synchronized (this) {
                end = reason;
                failure = error;
                alone = left;
            }
            if (alone) {
                release();
            } else {
                wakeReader();
            }
        }

        /** The client's side is done; the file goes with the later of the two. */
        void close(EndReason reason, @Nullable Throwable error) {
            boolean alone;
            synchronized (this) {
                left = true;
                reader = null;
                alone = end != null;
            }
            if (alone) {
                release();
            } else {
                pump.end(reason, error);
            }
        }

        private void release() {
            file.close();
            spool.leave();
        }

        private void wakeReader() {
            Runnable wake;
            synchronized (this) {
                wake = reader;
                reader = null;
            }
            if (wake != null) {
                wake.run();
            }
        }
    }
}
