package dev.sluice.flow;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source that says what the test told it to, one line of the script for each fill. Used by one thread. */
final class ScriptedSource implements Source {
    /** What one fill does. */
    interface Line {
        Step run(Buffer buffer) throws Exception;
    }

    final List<String> events = new ArrayList<>();
    final Deque<Line> script = new ArrayDeque<>();

    @Nullable
    Runnable wakeUp;

    @Nullable
    RuntimeException brokenCancel;

    @Nullable
    RuntimeException brokenClose;

    static Line line(String text, Step step) {
        return buffer -> {
            buffer.put(text.getBytes(StandardCharsets.UTF_8));
            return step;
        };
    }

    ScriptedSource says(String text, Step step) {
        script.add(line(text, step));
        return this;
    }

    ScriptedSource does(Line line) {
        script.add(line);
        return this;
    }

    void wake() {
        if (wakeUp != null) {
            wakeUp.run();
        }
    }

    @Override
    public Step fill(Buffer buffer, Runnable onMore) throws Exception {
        events.add("fill");
        wakeUp = onMore;
        Line next = script.poll();
        return next == null ? Step.WAIT : next.run(buffer);
    }

    @Override
    public void cancel() {
        events.add("cancel");
        if (brokenCancel != null) {
            throw brokenCancel;
        }
    }

    @Override
    public void close(EndReason reason, @Nullable Throwable error) {
        events.add("close " + reason.label());
        if (brokenClose != null) {
            throw brokenClose;
        }
    }
}
