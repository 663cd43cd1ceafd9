package dev.sluice.realtime.sse;

import dev.sluice.flow.Budget;
import dev.sluice.flow.Pump;
import dev.sluice.flow.Reply;
import dev.sluice.flow.Streams;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The door of the streams that tell the time each second. They have no thread: the sweep wakes those whose second is
 * over, and writes what their clients take without waiting. Thread-safe; one for each node, drained once.
 */
public final class TickStreams {
    /** Where the servlet belongs. */
    public static final String PATH = "/api/events/stream";

    private static final int MOST = 1_000;
    private static final Duration STALL = Duration.ofSeconds(30);
    private static final int RETRY_SECONDS = 5;
    /** Longer than a second: whoever takes anything has ended by then. */
    private static final long CUT_AFTER_MILLIS = 2_000;

    private final Streams streams;
    private final InstantSource clock;
    private final InstantSource ticks;
    private final Set<TickSource> running = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    /** When the end began, in milliseconds of the ticks. */
    private volatile long drainedAt = Long.MAX_VALUE;

    /**
     * @param clock for the time that is told
     * @param ticks for durations: nobody sets it
     */
    public TickStreams(Streams streams, Budget budget, InstantSource clock, InstantSource ticks) {
        this.streams = streams;
        this.clock = clock;
        this.ticks = ticks;
        budget.register(new Budget.Gauge("ticks.running", count::get, MOST));
    }

    /** For {@link #PATH}. Who may listen is decided in front. */
    public HttpServlet servlet() {
        return new TickServlet(this);
    }

    /** Wakes the streams whose next tick is due; to be called a few times in a second. */
    public void sweep() {
        long now = ticks.millis();
        running.forEach(source -> source.wakeIfDue(now));
        if (now - CUT_AFTER_MILLIS >= drainedAt) {
            running.forEach(TickSource::cut);
        }
    }

    /**
     * Ends all streams, and each that begins from now on: an {@code EventSource} comes back after the end of an answer,
     * but not after an answer that refuses. A sweep cuts what does not take its end. Does not block.
     */
    public void drain() {
        drainedAt = ticks.millis();
        running.forEach(TickSource::wake);
    }

    private boolean isDrained() {
        return drainedAt != Long.MAX_VALUE;
    }

    /**
     * Begins a stream. The container's thread may go then.
     *
     * @throws ProblemException 503 when there are as many as there may be
     * @throws IOException when the response cannot be written to
     */
    void start(HttpServletRequest request, HttpServletResponse response, Reply reply) throws IOException {
        enter();
        TickSource source = new TickSource(this::isDrained, clock, ticks, this::leave);
        running.add(source);
        try {
            AsyncContext async = request.startAsync(request, response);
            // It never blocks: whoever wakes it may run it.
            source.pumpedBy(streams.start(async, source, Runnable::run, limits(), reply, "ticks", PATH));
        } catch (IOException | RuntimeException e) {
            leave(source);
            throw e;
        }
    }

    private void enter() {
        if (count.incrementAndGet() > MOST) {
            count.decrementAndGet();
            throw new ProblemException(ErrorCode.BUSY, "There are as many of these streams as there may be; try later.")
                    .retryAfter(RETRY_SECONDS);
        }
    }

    /** A second time does nothing. */
    private void leave(TickSource source) {
        if (running.remove(source)) {
            count.decrementAndGet();
        }
    }

    private static Pump.Limits limits() {
        return new Pump.Limits(STALL, Duration.ZERO, Duration.ZERO, TickSource.LARGEST_PIECE);
    }
}
