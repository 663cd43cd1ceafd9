package dev.sluice.flow;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outboxes of this node and the threads that drain and close them. Thread-safe; one for each node, {@link #sweep
 * swept} a few times in a second, closed once.
 */
public final class Outboxes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outboxes.class);
    private static final int CLOSERS = 16;

    private final InstantSource ticks;
    private final Limits limits;
    private final Drains drains;
    private final Duties leaving;
    private final Duties closing;
    private final Set<Outbox> open = ConcurrentHashMap.newKeySet();
    /** Ended, but a write is still in flight. */
    private final Set<Outbox> ending = ConcurrentHashMap.newKeySet();

    private final Map<OutboxEnd, LongAdder> ends = new EnumMap<>(OutboxEnd.class);
    /** As of the last sweep; ages need no finer time. */
    private volatile long now;

    /**
     * What one outbox may hold.
     *
     * @param messages that wait
     * @param bytes that wait behind the first message
     * @param age of the write in flight
     */
    public record Limits(int messages, long bytes, Duration age) {}

    public Outboxes(Limits limits, InstantSource ticks) {
        this(limits, ticks, new GrowingDrains());
    }

    Outboxes(Limits limits, InstantSource ticks, Drains drains) {
        this(limits, ticks, drains, Workers.create("sluice-leave", 1), Workers.create("sluice-close", CLOSERS));
    }

    Outboxes(Limits limits, InstantSource ticks, Drains drains, ExecutorService leavers, ExecutorService closers) {
        this.limits = limits;
        this.ticks = ticks;
        this.drains = drains;
        this.leaving = new Duties(leavers);
        this.closing = new Duties(closers);
        this.now = coarse();
        Arrays.stream(OutboxEnd.values()).forEach(end -> ends.put(end, new LongAdder()));
    }

    /**
     * Opens an outbox for a wire.
     *
     * @param owner is told, once, that and why it has ended, before the wire is closed; must not block
     */
    public Outbox open(Wire wire, Consumer<OutboxEnd> owner) {
        Outbox outbox = new Outbox(this, wire, owner);
        open.add(outbox);
        return outbox;
    }

    /** Removes the outboxes whose clients take too long, and lets those go that could not for want of a thread. */
    public void sweep() {
        now = coarse();
        leaving.retry();
        closing.retry();
        open.forEach(outbox -> outbox.check(now));
        ending.forEach(outbox -> outbox.checkClosing(now));
    }

    /** How many are open. */
    public int count() {
        return open.size();
    }

    /** Bytes that wait in all of them; a frame in two outboxes counts twice. */
    public long queuedBytes() {
        return open.stream().mapToLong(Outbox::queuedBytes).sum();
    }

    /** How many ended so. */
    public long ended(OutboxEnd end) {
        return count(end).sum();
    }

    /** Ends the threads, once those who have left are closed; outboxes that are open are forgotten. */
    @Override
    public void close() {
        drains.close();
        leaving.close();
        closing.close();
        open.clear();
    }

    Limits limits() {
        return limits;
    }

    /** The time of the last sweep in milliseconds, never 0: for durations that need no finer time. */
    public long now() {
        return now;
    }

    void drain(Outbox outbox) {
        execute(drains, outbox::drain);
    }

    void drainSoon(Outbox outbox) {
        execute(drains::executeSoon, outbox::drainAfterPause);
    }

    /** Does what waited for an outbox to have room. */
    void soon(Runnable task) {
        execute(drains, task);
    }

    /** Leaving is quick and must not wait behind the closing of others, which may block. */
    void removed(Outbox outbox, OutboxEnd end) {
        open.remove(outbox);
        count(end).increment();
        leaving.add(() -> {
            try {
                outbox.tellOwner(end);
            } finally {
                closing.add(() -> outbox.close(end));
            }
        });
    }

    void closesLater(Outbox outbox) {
        ending.add(outbox);
    }

    void closesNow(Outbox outbox, OutboxEnd end) {
        ending.remove(outbox);
        closing.add(() -> outbox.closeWire(end));
    }

    private long coarse() {
        return Math.max(1, ticks.millis());
    }

    private LongAdder count(OutboxEnd end) {
        return Objects.requireNonNull(ends.get(end));
    }

    /** After the close there is nobody left to write to. */
    private static void execute(Executor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not done any more: the outboxes are closed");
        }
    }
}
