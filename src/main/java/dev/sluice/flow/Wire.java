package dev.sluice.flow;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Outbox} writes to: the connection of one client. One call at a time, but for {@link #close}, which may
 * come while another call blocks; after it nothing else is called that had not begun. Whatever it throws is the end of
 * the outbox; an {@link java.io.InterruptedIOException} says that it took too long.
 */
public interface Wire {
    /** Learns how a message went. */
    @FunctionalInterface
    interface Sent {
        /** To be called exactly once for each message, within {@link Wire#send} or later and by any thread. */
        void sent(@Nullable Throwable error);
    }

    /** Writes a message without blocking; while {@link #gather gathering}, perhaps only into a buffer. */
    void send(String text, Sent sent);

    /** From now on messages are gathered in a buffer, until {@link #flush}. */
    void gather() throws IOException;

    /** Writes what was gathered, and ends the gathering. May block for a bounded time. */
    void flush() throws IOException;

    /** Asks for a sign of life. May block for a bounded time. */
    void ping() throws IOException;

    /** Closes the connection; may block for a bounded time. Called once. */
    void close(OutboxEnd end);
}
