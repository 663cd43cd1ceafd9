package dev.sluice.broker.postgres;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The publishes of this node: in a queue until they are sent to the database, then until their place is known. Bounded
 * in number and bytes; each is given up after {@link #PATIENCE}. What is sent and then unanswered, because the
 * connection broke, is found in the stream by its token. Thread-safe; closed once, which fails all that wait.
 */
final class Waiting implements AutoCloseable {
    static final int MOST = 10_000;
    static final long MOST_BYTES = 32L << 20;
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final InstantSource ticks;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Entry> queue = new ArrayDeque<>();
    /** In the order they were sent in. */
    private final Map<Long, Entry> sent = new LinkedHashMap<>();

    private long bytes;
    private long lastToken = ThreadLocalRandom.current().nextLong(1L << 62);
    private boolean nudged;
    private boolean closed;

    Waiting(InstantSource ticks) {
        this.ticks = ticks;
    }

    CompletionStage<Position> offer(Draft draft) {
        CompletableFuture<Position> answer = new CompletableFuture<>();
        lock.lock();
        try {
            if (closed) {
                answer.completeExceptionally(new BrokerException(Reason.UNAVAILABLE, "the broker is closed"));
            } else if (size() >= MOST || bytes >= MOST_BYTES) {
                answer.completeExceptionally(new BrokerException(
                        Reason.OVERLOADED, "%,d publications wait for the database already".formatted(size())));
            } else {
                add(new Entry(draft, ++lastToken, ticks.instant().plus(PATIENCE), answer));
            }
        } finally {
            lock.unlock();
        }
        return answer;
    }

    private void add(Entry entry) {
        queue.add(entry);
        bytes += entry.cost();
        changed.signalAll();
    }

    int size() {
        lock.lock();
        try {
            return queue.size() + sent.size();
        } finally {
            lock.unlock();
        }
    }

    /** Ends an {@link #await}, or the next one. */
    void nudge() {
        lock.lock();
        try {
            nudged = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a publish or a nudge; answers whether there was a nudge. */
    boolean await(Duration longest) {
        lock.lock();
        try {
            long nanos = longest.toNanos();
            while (nanos > 0 && queue.isEmpty() && !nudged && !closed) {
                nanos = changed.awaitNanos(nanos);
            }
            boolean wasNudged = nudged;
            nudged = false;
            return wasNudged;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Takes entries from the queue, to be sent now; one at least, if there is one. */
    List<Entry> take(int most, long mostBytes) {
        lock.lock();
        try {
            List<Entry> taken = new ArrayList<>();
            long size = 0;
            for (Entry next = queue.peek(); next != null && taken.size() < most; next = queue.peek()) {
                size += next.cost();
                if (size > mostBytes && !taken.isEmpty()) {
                    break;
                }
                queue.remove();
                sent.put(next.token(), next);
                taken.add(next);
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing was sent after all: they come first again. */
    void putBack(Collection<Entry> entries) {
        lock.lock();
        try {
            List<Entry> back = entries.stream()
                    .filter(entry -> sent.remove(entry.token()) != null)
                    .toList();
            for (int i = back.size() - 1; i >= 0; i--) {
                queue.addFirst(back.get(i));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a sent entry out; its answer is for the caller to give. */
    Optional<Entry> remove(long token) {
        lock.lock();
        try {
            Optional<Entry> removed = Optional.ofNullable(sent.remove(token));
            removed.ifPresent(entry -> bytes -= entry.cost());
            return removed;
        } finally {
            lock.unlock();
        }
    }

    /** Those sent and unanswered that may be duplicates of others, and therefore never come in the stream. */
    List<Entry> sentWithKey(int most) {
        lock.lock();
        try {
            return sent.values().stream().filter(Entry::hasKey).limit(most).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what has waited too long. */
    void expire() {
        Instant now = ticks.instant();
        List<Entry> unsent;
        List<Entry> unanswered;
        lock.lock();
        try {
            unsent = expired(queue.iterator(), now);
            unanswered = expired(sent.values().iterator(), now);
        } finally {
            lock.unlock();
        }
        fail(unsent, unanswered, "the database did not answer within " + PATIENCE.toSeconds() + " s");
    }

    private List<Entry> expired(Iterator<Entry> entries, Instant now) {
        List<Entry> expired = new ArrayList<>();
        while (entries.hasNext()) {
            Entry entry = entries.next();
            if (entry.deadline().isAfter(now)) {
                break;
            }
            entries.remove();
            bytes -= entry.cost();
            expired.add(entry);
        }
        return expired;
    }

    private static void fail(List<Entry> unsent, List<Entry> unanswered, String message) {
        unsent.forEach(entry -> entry.fail(Reason.UNAVAILABLE, message));
        unanswered.forEach(entry -> entry.fail(Reason.UNKNOWN, message));
    }

    /** From now on nothing is taken; what was sent may still be answered. */
    void refuse() {
        List<Entry> unsent;
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            unsent = List.copyOf(queue);
            queue.clear();
        } finally {
            lock.unlock();
        }
        fail(unsent, List.of(), "the broker is closed");
    }

    @Override
    public void close() {
        List<Entry> unsent;
        List<Entry> unanswered;
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            unsent = List.copyOf(queue);
            unanswered = List.copyOf(sent.values());
            queue.clear();
            sent.clear();
            bytes = 0;
        } finally {
            lock.unlock();
        }
        fail(unsent, unanswered, "the broker is closed");
    }
}
