package dev.sluice.flow;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a stream's response says beside the bytes of its source. Exactly one of the two is called first; both may touch
 * the response only while they run.
 */
public interface Reply {
    /** Sets status and headers: right before the first byte, or at the end of a source that has none. */
    void begin(HttpServletRequest request, HttpServletResponse response);

    /**
     * Answers a request whose stream ended before its first byte reached the client; what was begun must be taken back.
     */
    void fail(HttpServletRequest request, HttpServletResponse response, EndReason reason, @Nullable Throwable error)
            throws IOException;
}
