package dev.sluice.realtime.sse;

import dev.sluice.flow.Buffer;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.Pump;
import dev.sluice.flow.Source;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The time, each second, as server-sent events (WHATWG HTML, section 9.2). A second in which the client takes nothing is
 * left out; nothing waits for it. Filled by its pump; woken and cut from any thread. Lives as long as its response.
 */
final class TickSource implements Source {
    /** More than a first tick needs, or one with a heartbeat; in bytes. */
    static final int LARGEST_PIECE = 256;

    private static final long PERIOD_MILLIS = 1_000;
    private static final long HEARTBEAT_MILLIS = 15_000;
    private static final byte[] RETRY = ascii("retry: 3000\n\n");
    private static final byte[] HEARTBEAT = ascii(":\n\n");
    /** As JavaScript writes it: three digits behind the second, always. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final BooleanSupplier over;
    private final InstantSource clock;
    private final InstantSource ticks;
    private final Consumer<TickSource> atEnd;
    private final AtomicReference<@Nullable Runnable> waking = new AtomicReference<>();
    private volatile @Nullable Pump pump;
    private volatile long due;
    private long heartbeatDue;
    private boolean begun;

    /**
     * @param over whether the stream should come to its end
     * @param clock for the time that is told
     * @param ticks for durations
     */
    TickSource(BooleanSupplier over, InstantSource clock, InstantSource ticks, Consumer<TickSource> atEnd) {
        this.over = over;
        this.clock = clock;
        this.ticks = ticks;
        this.atEnd = atEnd;
        this.due = ticks.millis();
        this.heartbeatDue = due + HEARTBEAT_MILLIS;
    }

    void pumpedBy(Pump started) {
        pump = started;
    }

    void wakeIfDue(long now) {
        if (now >= due) {
            wake();
        }
    }

    /** Does nothing while the client takes nothing. */
    void wake() {
        Runnable wakeUp = waking.getAndSet(null);
        if (wakeUp != null) {
            wakeUp.run();
        }
    }

    void cut() {
        Pump cut = pump;
        if (cut != null) {
            cut.end(EndReason.CANCELLED, null);
        }
    }

    @Override
    public Step fill(Buffer buffer, Runnable wakeUp) {
        if (over.getAsBoolean()) {
            return Step.END;
        }
        begin(buffer);
        long now = ticks.millis();
        if (now >= due) {
            beat(buffer, now);
            tick(buffer, now);
        }
        waking.set(wakeUp);
        return Step.WAIT;
    }

    private void begin(Buffer buffer) {
        if (!begun) {
            begun = true;
            buffer.put(RETRY);
        }
    }

    private void beat(Buffer buffer, long now) {
        if (now >= heartbeatDue) {
            heartbeatDue = now + HEARTBEAT_MILLIS;
            buffer.put(HEARTBEAT);
        }
    }

    private void tick(Buffer buffer, long now) {
        // In step, unless it is late by a whole tick: that one is left out.
        due = now - due < PERIOD_MILLIS ? due + PERIOD_MILLIS : now + PERIOD_MILLIS;
        buffer.put(ascii("event: tick\ndata: {\"time\":\"" + TIME.format(clock.instant()) + "\"}\n\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close(EndReason reason, @Nullable Throwable error) {
        atEnd.accept(this);
    }
}
