package dev.sluice.flow;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Outbox} writes to: the connection of one client. One {@link #send} at a time, each after the one before
 * was told to have gone well; {@link #close} may come while a call blocks or a write is in flight.
 */
public interface Wire {
    /** Learns how a write went. */
    @FunctionalInterface
    interface Sent {
        /** To be called once for each write, within {@link Wire#send} or later and by any thread. */
        void sent(@Nullable Throwable error);
    }

    /**
     * Writes messages in this order. What it throws, or tells, is the end of the outbox; an {@link
     * java.io.InterruptedIOException} says that it took too long. May block for a bounded time.
     *
     * @param frames at least one; {@link Frame#PING} asks for a sign of life in its place
     */
    void send(List<Frame> frames, Sent sent) throws IOException;

    /** Closes the connection; may block for a bounded time. Called once. */
    void close(OutboxEnd end);
}
