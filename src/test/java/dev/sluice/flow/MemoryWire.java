package dev.sluice.flow;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A wire that keeps what it is given, and completes as it is told. Used by one thread, but for its close. */
final class MemoryWire implements Wire {
    final List<String> calls = new ArrayList<>();
    final CompletableFuture<OutboxEnd> closed = new CompletableFuture<>();
    boolean late;

    @Nullable
    IOException failure;

    @Nullable
    IOException thrown;

    private @Nullable Sent pending;

    /** Keeps each write as its texts with bars in between. */
    @Override
    public void send(List<Frame> frames, Sent sent) throws IOException {
        calls.add(frames.stream()
                .map(frame -> frame == Frame.PING ? "ping" : frame.text())
                .collect(Collectors.joining("|")));
        if (thrown != null) {
            throw thrown;
        }
        if (failure != null) {
            sent.sent(failure);
        } else if (late) {
            pending = sent;
        } else {
            sent.sent(null);
        }
    }

    /** Completes the write that is in flight. */
    void complete(@Nullable Throwable error) {
        Sent completed = pending;
        pending = null;
        if (completed == null) {
            throw new AssertionError("nothing is in flight");
        }
        completed.sent(error);
    }

    @Override
    public void close(OutboxEnd end) {
        if (!closed.complete(end)) {
            throw new AssertionError("closed twice");
        }
    }
}
