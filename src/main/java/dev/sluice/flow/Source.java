package dev.sluice.flow;

import org.jspecify.annotations.Nullable;

/**
 * Where a stream comes from. A pump (or whatever else drains it) calls {@link #fill} and {@link #close} from one thread
 * at a time; only {@link #cancel} may come from anywhere, at any time.
 */
public interface Source {
    /** What a fill found. */
    enum Step {
        /** There may be more; call again. */
        MORE,
        /** Nothing now; the wake-up will be run when there is. */
        WAIT,
        /** That was all. */
        END
    }

    /**
     * Appends to the buffer until it is full, there is nothing now, or all is said. May block on a database or disk; the
     * pump of such a source runs on workers, never on a container thread. After {@link Step#WAIT} it may be called again
     * before the wake-up, and then says WAIT again.
     *
     * @param wakeUp to be run, once, from any thread, after {@link Step#WAIT}
     * @throws Exception when the source failed; what the buffer holds is not sent
     */
    Step fill(Buffer buffer, Runnable wakeUp) throws Exception;

    /**
     * Makes a blocked {@link #fill} return soon. Does not block. Called again, about once in a second, while the close is
     * still to come; not called after it.
     */
    default void cancel() {}

    /** Releases everything; called exactly once, last. */
    void close(EndReason reason, @Nullable Throwable error);
}
