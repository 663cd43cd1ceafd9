package dev.sluice.auth;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Answers many who ask at the same time by one statement: whoever is first in the queue asks for all who wait. Where more
 * ask than {@link #PACE} allows, a statement waits that long for others to share it: a herd of clients that return costs
 * statements by the time it takes, not by its size. Every answer was read after it was asked for; none is kept. A
 * statement that hangs holds up those who share it, and others only when {@link #READERS} of them do. Thread-safe.
 */
final class Lookups<K, V> {
    /** Asked for by one statement. */
    static final int MOST = 500;
    /** From one statement to the next, where they come thick. */
    static final Duration PACE = Duration.ofMillis(20);
    /** So many come at once without a wait, before others have to keep the pace. */
    static final int AT_ONCE = 25;
    /** Statements under way at the same time. */
    static final int READERS = 4;

    /** Finds what there is of these keys, which may be there twice. */
    @FunctionalInterface
    interface Reading<K, V> {
        Map<K, V> read(Collection<K> keys) throws SQLException;
    }

    private final Reading<K, V> reading;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Question<K, V>> waiting = new ArrayDeque<>();
    private int readers;
    /** When the next statement is due by the pace, in {@link System#nanoTime}. */
    private long due = System.nanoTime() - AT_ONCE * PACE.toNanos();

    Lookups(Reading<K, V> reading) {
        this.reading = reading;
    }

    /** Guarded by the lock. */
    private static final class Question<K, V> {
        final K key;
        /** That it is answered, or the first in the queue. */
        final Condition changed;

        private boolean isAnswered;
        private @Nullable V found;
        private @Nullable Throwable failure;

        Question(K key, Condition changed) {
            this.key = key;
            this.changed = changed;
        }

        void answer(Map<K, V> all, @Nullable Throwable error) {
            found = all.get(key);
            failure = error;
            isAnswered = true;
            changed.signal();
        }

        Optional<V> answer() throws SQLException {
            if (failure instanceof SQLException error) {
                throw error;
            } else if (failure != null) {
                throw new IllegalStateException("What was asked for together could not be read", failure);
            }
            return Optional.ofNullable(found);
        }
    }

    /** Reads, or waits for who reads for it. */
    Optional<V> find(K key) throws SQLException {
        Question<K, V> mine = new Question<>(key, lock.newCondition());
        lock.lock();
        try {
            waiting.add(mine);
            awaitAnswer(mine);
            return mine.answer();
        } catch (InterruptedException e) {
            waiting.remove(mine);
            wakeFirst();
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted while waiting for a reading", e);
        } finally {
            lock.unlock();
        }
    }

    private void awaitAnswer(Question<K, V> mine) throws InterruptedException {
        while (!mine.isAnswered) {
            long early = due - System.nanoTime();
            if (waiting.peek() != mine || readers == READERS) {
                mine.changed.await();
            } else if (early > 0) {
                var unused = mine.changed.awaitNanos(early);
            } else {
                read();
            }
        }
    }

    /** How many ask and are not asked for yet. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** For the first in the queue and all behind it. */
    private void read() {
        due = Math.max(due, System.nanoTime() - AT_ONCE * PACE.toNanos()) + PACE.toNanos();
        List<Question<K, V>> together = new ArrayList<>();
        while (together.size() < MOST && !waiting.isEmpty()) {
            together.add(waiting.remove());
        }
        readers++;
        wakeFirst();
        Map<K, V> found = Map.of();
        Throwable failure = null;
        lock.unlock();
        try {
            found = reading.read(together.stream().map(question -> question.key).toList());
        } catch (SQLException | RuntimeException | Error e) {
            failure = e;
        } finally {
            lock.lock();
        }
        readers--;
        for (Question<K, V> question : together) {
            question.answer(found, failure);
        }
        wakeFirst();
    }

    private void wakeFirst() {
        Question<K, V> first = waiting.peek();
        if (first != null) {
            first.changed.signal();
        }
    }
}
