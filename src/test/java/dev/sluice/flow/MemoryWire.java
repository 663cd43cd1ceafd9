package dev.sluice.flow;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A wire that keeps what it is given, and completes as it is told. Used by one thread, but for its close. */
final class MemoryWire implements Wire {
    final List<String> calls = new ArrayList<>();
    final CompletableFuture<OutboxEnd> closed = new CompletableFuture<>();
    boolean late;

    @Nullable
    IOException failure;

    @Nullable
    IOException flushFailure;

    private @Nullable Sent pending;

    @Override
    public void send(String text, Sent sent) {
        calls.add(text);
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
    public void gather() {
        calls.add("gather");
    }

    @Override
    public void flush() throws IOException {
        calls.add("flush");
        if (flushFailure != null) {
            throw flushFailure;
        }
    }

    @Override
    public void ping() {
        calls.add("ping");
    }

    @Override
    public void close(OutboxEnd end) {
        if (!closed.complete(end)) {
            throw new AssertionError("closed twice");
        }
    }
}
