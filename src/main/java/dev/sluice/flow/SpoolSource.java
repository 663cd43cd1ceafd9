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
    /** In place of a moment: it gives, or waits for its source. */
    private static final long BUSY = Long.MIN_VALUE;

    private final Source source;
    private final Spool spool;
    private final Streams streams;
    private final boolean compress;
    private final Executor executor;
    private final InstantSource clock;
    private final Pump.Limits limits;
    private final String what;

    /** Held by whoever reads the source: a fill, or the one who diverts it between two fills. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile boolean wanted;
    private volatile boolean begun;
    private volatile boolean ended;
    private volatile @Nullable Drain drain;
    private volatile long wantedAt;
    private volatile long idleSince = BUSY;
    private volatile long idleMillis;

    /**
     * @param compress whether it is worth while to compress on disk
     * @param executor where the source may block
     * @param limits of the source while it is drained: its client may not notice its silence for hours
     * @param what for operators: what is drained
     */
    public SpoolSource(
            Source source,
            Spool spool,
            Streams streams,
            boolean compress,
            Executor executor,
            InstantSource clock,
            Pump.Limits limits,
            String what) {
        this.source = source;
        this.spool = spool;
        this.streams = streams;
        this.compress = compress;
        this.executor = executor;
        this.clock = clock;
        this.limits = limits;
        this.what = what;
    }

    /** How long it has waited for its client in all, in milliseconds; the time its source takes does not count. */
    public long idleMillis() {
        return idleMillis + idleMillisNow();
    }

    /** For how long its client has taken nothing of what is there, in milliseconds. */
    public long idleMillisNow() {
        long since = idleSince;
        return since == BUSY ? 0 : clock.millis() - since;
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

    /** How long ago it was asked to be drained, in milliseconds. */
    public long drainMillis() {
        return clock.millis() - wantedAt;
    }

    /** Whether it is drained no further because the spool is full, and its client has not read all that is there. */
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
        if (drain == null && !wanted) {
            wantedAt = clock.millis();
            wanted = true;
        }
        divertBetweenFills();
        return true;
    }

    @Override
    public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
        reading.lock();
        try {
            busy();
            Step step = read(buffer, () -> {
                idle();
                wakeUp.run();
            });
            if (step == Step.MORE) {
                idle();
            }
            return step;
        } finally {
            reading.unlock();
            divertBetweenFills();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the owner alone writes
    private void busy() {
        idleMillis += idleMillisNow();
        idleSince = BUSY;
    }

    /** There is more; whether it is taken is up to the client. */
    private void idle() {
        if (idleSince == BUSY) {
            idleSince = clock.millis();
        }
    }

    private Step read(Buffer buffer, Runnable wakeUp) throws Exception {
        Drain diverted = drain;
        return diverted == null ? direct(buffer, wakeUp) : diverted.read(buffer, wakeUp);
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
        private volatile boolean full;
        private boolean left; // guarded by this

        Drain(SpoolFile file) {
            this.file = file;
            this.pump = streams.tracked(source, this, executor, limits, "spool", what);
        }

        synchronized boolean isOpen() {
            return end == null;
        }

        boolean waitsForRoom() {
            return full && isOpen() && !file.isEmpty();
        }

        /** For the client: what is in the file, then the source's own end. */
        Step read(Buffer buffer, Runnable wakeUp) throws Exception {
            boolean found = false;
            while (!buffer.isFull() && next(buffer)) {
                found = true;
            }
            return found ? Step.MORE : atItsEnd(buffer, wakeUp);
        }

        /** A client that has read everything gets more, however full the spool is. */
        private boolean next(Buffer buffer) throws IOException {
            boolean found = file.next(buffer);
            if (found && full && file.isEmpty()) {
                pump.writable();
            }
            return found;
        }

        private Step atItsEnd(Buffer buffer, Runnable wakeUp) throws Exception {
            EndReason reached;
            synchronized (this) {
                reader = wakeUp;
                reached = end;
            }
            // What came between the look into the file and the look at its end.
            if (next(buffer)) {
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
            full = !file.isEmpty() && !spool.hasRoom(roomAgain);
            if (full && file.isEmpty()) {
                // Emptied since the first look. Whoever empties it after this one finds it full, and says so.
                full = false;
            }
            return !full;
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
