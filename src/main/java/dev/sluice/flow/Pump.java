package dev.sluice.flow;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls one source and pushes into one target, at the pace of the target. Nothing is read ahead of the client: the
 * source is asked only when the target takes more.
 *
 * <p>Thread-safety: signals (writable, wake-up, end) come in any order and from any thread. They are counted; whoever
 * raises the count from zero hands the pump to the executor, and that run is its single owner until the count is back at
 * zero. Everything else is touched by the owner alone. However signals interleave, the source is closed exactly once.
 *
 * <p>Life cycle: made with the response, started by the first signal, over with the source's close.
 */
public final class Pump {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

    private static final long CANCEL_AGAIN_MILLIS = 1_000;

    private final Source source;
    private final Target target;
    private final Executor executor;
    private final InstantSource clock;
    private final Limits limits;
    private final Runnable wakeUp = this::signal;

    private final AtomicInteger signals = new AtomicInteger();
    private final AtomicReference<@Nullable End> requested = new AtomicReference<>();
    private final Object cancelling = new Object();
    private boolean sourceClosed; // guarded by cancelling
    private volatile Wait wait;
    private volatile boolean started;
    private volatile long cancelledAt;

    private final Buffer buffer;
    private boolean unflushed;
    private boolean flushDue;
    private boolean sourceEnded;
    private boolean closed;

    /**
     * How long a pump waits, and for how much.
     *
     * @param stall for a client that takes nothing; zero = no limit
     * @param firstByte for a source that has given nothing yet; zero = no limit
     * @param nextByte for a source that has given something; zero = no limit
     * @param largestPiece bytes that the source may hand over at once
     */
    public record Limits(Duration stall, Duration firstByte, Duration nextByte, int largestPiece) {
        /** For a source alone, however long its target takes nothing; zero = no limit. */
        public static Limits ofSource(Duration silence, int largestPiece) {
            return new Limits(Duration.ZERO, silence, silence, largestPiece);
        }
    }

    /** What a pump waits for at the moment. */
    private enum Waiting {
        FOR_CLIENT,
        FOR_SOURCE
    }

    /** Immutable, so that who checks the time-outs sees both or neither. */
    private record Wait(Waiting what, long since) {}

    private record End(EndReason reason, @Nullable Throwable error) {}

    Pump(Source source, Target target, Executor executor, InstantSource clock, Limits limits) {
        this.source = source;
        this.target = target;
        this.executor = executor;
        this.clock = clock;
        this.limits = limits;
        this.buffer = new Buffer(limits.largestPiece());
        this.wait = new Wait(Waiting.FOR_SOURCE, clock.millis());
    }

    /** The target takes more. */
    void writable() {
        signal();
    }

    /** Ends the stream early. The first call wins; a call after the end does nothing. */
    public void end(EndReason reason, @Nullable Throwable error) {
        if (requested.compareAndSet(null, new End(reason, error))) {
            cancelledAt = clock.millis();
            cancelSource();
            signal();
        }
    }

    /** Ends the stream if it has waited for longer than its time-outs allow; insists if it should have ended. */
    public void checkTimeouts() {
        if (requested.get() != null) {
            cancelAgain();
            return;
        }
        Wait now = wait;
        long waited = clock.millis() - now.since();
        if (now.what() == Waiting.FOR_CLIENT) {
            endIfOver(waited, limits.stall(), EndReason.STALLED);
        } else if (started) {
            endIfOver(waited, limits.nextByte(), EndReason.SOURCE_FAILED);
        } else {
            endIfOver(waited, limits.firstByte(), EndReason.FIRST_BYTE_TIMEOUT);
        }
    }

    private void endIfOver(long waited, Duration limit, EndReason reason) {
        if (!limit.isZero() && waited >= limit.toMillis()) {
            end(reason, new TimeoutException("waited for " + waited + " ms"));
        }
    }

    private void signal() {
        if (signals.getAndIncrement() == 0) {
            try {
                executor.execute(this::own);
            } catch (RejectedExecutionException e) {
                // Too late to stream anything, never too late to close.
                requested.compareAndSet(null, new End(EndReason.CANCELLED, e));
                own();
            }
        }
    }

    private void own() {
        int seen = signals.get();
        while (seen != 0) {
            if (!closed) {
                advance();
            }
            seen = signals.addAndGet(-seen);
        }
    }

    private void advance() {
        try {
            while (!closed && step()) {}
        } catch (Throwable e) {
            // The target: the client is gone; or it is broken, and then the client must not take it for a clean end.
            finish(e instanceof IOException ? EndReason.CLIENT_GONE : EndReason.SOURCE_FAILED, e);
        }
    }

    /** Does one thing; false when there is nothing to do before the next signal. */
    private boolean step() throws IOException {
        End end = requested.get();
        if (end != null) {
            finish(end.reason(), end.error());
            return false;
        }
        if (!target.isReady()) {
            waitFor(Waiting.FOR_CLIENT);
            return false;
        }
        if (sourceEnded) {
            finish(EndReason.COMPLETE, null);
            return false;
        }
        if (flushDue) {
            flush();
            return true;
        }
        waitFor(Waiting.FOR_SOURCE);
        return pull();
    }

    private boolean pull() throws IOException {
        Source.Step found;
        try {
            found = source.fill(buffer, wakeUp);
        } catch (Throwable e) {
            finish(EndReason.SOURCE_FAILED, e);
            return false;
        }
        sourceEnded = found == Source.Step.END;
        push();
        if (found == Source.Step.WAIT) {
            rest();
        }
        return found != Source.Step.WAIT;
    }

    private void push() throws IOException {
        if (buffer.length() == 0 || requested.get() != null) {
            return;
        }
        waitFor(Waiting.FOR_CLIENT);
        started = true;
        target.write(buffer);
        unflushed = true;
        buffer.clear();
    }

    /** The source has nothing now: what it gave should reach the client before more comes, however late that is. */
    private void rest() throws IOException {
        flushDue = unflushed;
        if (flushDue && target.isReady()) {
            flush();
        }
        waitFor(target.isReady() ? Waiting.FOR_SOURCE : Waiting.FOR_CLIENT);
    }

    private void flush() throws IOException {
        flushDue = false;
        unflushed = false;
        target.flush();
    }

    private void waitFor(Waiting what) {
        if (what != wait.what()) {
            wait = new Wait(what, clock.millis());
        }
    }

    /** Closes both ends, for the reason that was asked for first. Throws nothing: there is no second try. */
    private void finish(EndReason reason, @Nullable Throwable error) {
        closed = true;
        End mine = new End(reason, error);
        End first = requested.compareAndExchange(null, mine);
        End end = first == null || reason == EndReason.COMPLETE ? mine : first;
        // Before the client knows, so that its next request finds everything free.
        closeSource(end);
        buffer.release();
        try {
            if (end.reason() == EndReason.COMPLETE) {
                target.complete();
            } else {
                target.fail(end.reason(), end.error());
            }
        } catch (Throwable e) {
            LOG.error("A response could not be ended", e);
        }
    }

    private void closeSource(End end) {
        synchronized (cancelling) {
            sourceClosed = true;
        }
        try {
            source.close(end.reason(), end.error());
        } catch (Throwable e) {
            LOG.error("A source could not be closed", e);
        }
    }

    /** A cancel can be lost: on its way, or because the source did nothing that could be cancelled just then. */
    private void cancelAgain() {
        long now = clock.millis();
        if (now - cancelledAt >= CANCEL_AGAIN_MILLIS) {
            cancelledAt = now;
            cancelSource();
        }
    }

    /** Not after the close: what the source held may be somebody else's by then. */
    private void cancelSource() {
        synchronized (cancelling) {
            if (!sourceClosed) {
                try {
                    source.cancel();
                } catch (RuntimeException e) {
                    LOG.warn("A source could not be cancelled", e);
                }
            }
        }
    }
}
