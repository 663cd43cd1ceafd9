package dev.sluice.realtime;

import dev.sluice.flow.Frame;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Puts a message together that comes in parts. The buffer exists only while one is incomplete; its bytes count against a
 * limit that all connections share. What comes whole is kept by nobody, and does not count: however much others leave
 * incomplete, it gets through. What is whole and held for later counts. Used by one thread at a time, but for {@link
 * #since}, {@link #grow}, {@link #hold}, {@link #release} and {@link #close}.
 */
final class Incoming {
    /** Enough for a token and what may be said beside it. */
    static final int MOST_AT_FIRST = 16 * 1024;

    private final AtomicLong total;
    private final int mostLater;
    private final long mostOfAll;
    private volatile int most;
    private @Nullable String whole;
    private @Nullable StringBuilder parts;
    private int bytes;
    private int held;
    private volatile long since;
    private boolean closed;

    /** What became of a part. */
    enum Part {
        /** More is to come. */
        KEPT,
        /** The message is whole. */
        WHOLE,
        /** The message is larger than allowed. */
        TOO_LARGE,
        /** Too much is incomplete, of all connections together. */
        OVERLOADED
    }

    /** @param most bytes of a message, and {@link #MOST_AT_FIRST} until it {@link #grow grows} */
    Incoming(AtomicLong total, int most, long mostOfAll) {
        this.total = total;
        this.mostLater = most;
        this.mostOfAll = mostOfAll;
        this.most = Math.min(MOST_AT_FIRST, most);
    }

    /** Takes messages of any size that is allowed: it is known from whom they come. */
    void grow() {
        most = mostLater;
    }

    /** Takes a part; a whole message is to be {@link #take taken} then. */
    synchronized Part add(String part, boolean last, long nowMillis) {
        if (closed) {
            return Part.KEPT;
        }
        int length = Frame.utf8Length(part);
        if (bytes + length > most) {
            drop();
            return Part.TOO_LARGE;
        }
        if (last && parts == null) {
            whole = part;
            return Part.WHOLE;
        }
        bytes += length;
        if (total.addAndGet(length) > mostOfAll) {
            drop();
            return Part.OVERLOADED;
        }
        if (parts == null) {
            parts = new StringBuilder(part);
            since = nowMillis;
        } else {
            parts.append(part);
        }
        return last ? Part.WHOLE : Part.KEPT;
    }

    /** The whole message; nothing of it is kept. */
    synchronized String take() {
        String message = whole != null ? whole : String.valueOf(parts);
        drop();
        return message;
    }

    /**
     * Counts a whole message that cannot be done yet: of one connection the largest, and as much again.
     *
     * @return whether there is room for it
     */
    synchronized boolean hold(String message) {
        int length = Frame.utf8Length(message);
        if (closed || held + length > 2L * mostLater) {
            return false;
        }
        if (total.addAndGet(length) > mostOfAll) {
            total.addAndGet(-length);
            return false;
        }
        held += length;
        return true;
    }

    /** What was held is not any more; after the end it has been counted out already. */
    synchronized void release(String message) {
        if (!closed) {
            release(Frame.utf8Length(message));
        }
    }

    private void release(int length) {
        total.addAndGet(-length);
        held -= length;
    }

    /** When the incomplete message began, 0 without one. */
    long since() {
        return since;
    }

    /** Forgets what has come, and whatever comes. */
    synchronized void close() {
        closed = true;
        release(held);
        drop();
    }

    /** Forgets what has come. */
    private synchronized void drop() {
        total.addAndGet(-bytes);
        whole = null;
        parts = null;
        bytes = 0;
        since = 0;
    }
}
