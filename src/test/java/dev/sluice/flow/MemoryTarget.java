package dev.sluice.flow;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A target in memory whose readiness the test decides. Used by one thread. */
class MemoryTarget implements Target {
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    final List<String> events = new ArrayList<>();
    boolean ready = true;
    boolean readyAfterWrite = true;

    @Nullable
    IOException failure;

    @Nullable
    RuntimeException brokenEnd;

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void write(Buffer buffer) throws IOException {
        if (failure != null) {
            throw failure;
        }
        written.write(buffer.array(), 0, buffer.length());
        events.add("write " + buffer.length());
        ready = readyAfterWrite;
    }

    @Override
    public void flush() {
        events.add("flush");
    }

    @Override
    public void complete() {
        events.add("complete");
        if (brokenEnd != null) {
            throw brokenEnd;
        }
    }

    @Override
    public void fail(EndReason reason, @Nullable Throwable error) {
        events.add("fail " + reason.label());
        if (brokenEnd != null) {
            throw brokenEnd;
        }
    }
}
