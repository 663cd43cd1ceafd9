package dev.sluice.flow;

import jakarta.servlet.AsyncContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Answers a request whose stream ended before its first byte. */
@FunctionalInterface
public interface FailureReply {
    void send(AsyncContext async, EndReason reason, @Nullable Throwable error) throws IOException;
}
