package dev.sluice.auth;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Answers many who ask at the same time by one statement: whoever has the turn asks for all who wait, the others find
 * their answers when theirs comes. Where more ask than {@link #PACE} allows, a statement waits that long for others to
 * share it: a herd of clients that return costs statements by the time it takes, not by its size. Every answer was read
 * after it was asked for; none is kept. Thread-safe.
 */
final class Lookups<K, V> {
    /** Asked for by one statement. */
    static final int MOST = 500;

    /** From one statement to the next, where they come thick. */
    static final Duration PACE = Duration.ofMillis(5);
    /** So many come at once without a wait, before others have to keep the pace. */
    static final int AT_ONCE = 50;

    /** Finds what there is of these keys, which may be there twice. */
    @FunctionalInterface
    interface Reading<K, V> {
        Map<K, V> read(Collection<K> keys) throws SQLException;
    }

    private final Reading<K, V> reading;
    private final Queue<Question<K, V>> waiting = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();
    /** When the next statement is due by the pace, in {@link System#nanoTime}. Guarded by the turn. */
    private long due = System.nanoTime() - AT_ONCE * PACE.toNanos();

    Lookups(Reading<K, V> reading) {
        this.reading = reading;
    }

    /** Guarded by the turn. */
    private static final class Question<K, V> {
        final K key;
        private boolean isAnswered;
        private @Nullable V found;
        private @Nullable Throwable failure;

        Question(K key) {
            this.key = key;
        }

        void answer(@Nullable V value) {
            found = value;
            isAnswered = true;
        }

        void fail(Throwable error) {
            failure = error;
            isAnswered = true;
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

    /** Waits for at most one reading that others asked for, and one of its own. */
    Optional<V> find(K key) throws SQLException {
        Question<K, V> mine = new Question<>(key);
        waiting.add(mine);
        turn.lock();
        try {
            while (!mine.isAnswered) {
                answerThoseWhoWait();
            }
            return mine.answer();
        } finally {
            turn.unlock();
        }
    }

    /** How many ask and are not asked for yet. */
    int waiting() {
        return waiting.size();
    }

    private void answerThoseWhoWait() {
        keepPace();
        List<Question<K, V>> together = new ArrayList<>();
        for (Question<K, V> next = waiting.peek(); next != null && together.size() < MOST; next = waiting.peek()) {
            together.add(waiting.remove());
        }
        try {
            Map<K, V> found =
                    reading.read(together.stream().map(question -> question.key).toList());
            together.forEach(question -> question.answer(found.get(question.key)));
        } catch (SQLException | RuntimeException | Error e) {
            together.forEach(question -> question.fail(e));
        }
    }

    private void keepPace() {
        long now = System.nanoTime();
        long early = due - now;
        due = Math.max(due, now - AT_ONCE * PACE.toNanos()) + PACE.toNanos();
        if (early > 0) {
            LockSupport.parkNanos(early);
        }
    }
}
