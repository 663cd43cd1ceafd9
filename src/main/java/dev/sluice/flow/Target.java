package dev.sluice.flow;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a pump writes to: an HTTP response, seen without the servlet API. Called by the pump's owner alone, one thread at
 * a time.
 */
interface Target {
    /** Whether a write would be taken; when not, the pump is told by {@link Pump#writable} once it is. */
    boolean isReady();

    /** Takes the whole buffer, which must not change before {@link #isReady} again. */
    void write(Buffer buffer) throws IOException;

    /** Sends what is written. */
    void flush() throws IOException;

    /** Ends the body properly. */
    void complete();

    /** Ends the stream for a reason other than its end: an error where nothing was sent yet, else a broken connection. */
    void fail(EndReason reason, @Nullable Throwable error);
}
