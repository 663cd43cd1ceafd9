package dev.sluice.ops;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Whether the database answers, asked so seldom that nobody can load it with this question: once a second at most, by
 * one thread, however many ask. Only who makes it ask waits, and not for long; the others get the last answer.
 * Thread-safe; closed once.
 */
final class DatabaseProbe implements AutoCloseable {
    static final Duration FRESH = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final BooleanSupplier question;
    private final InstantSource clock;
    private final Duration patience;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final ExecutorService asker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "sluice-probe");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Answer last;

    private record Answer(boolean reachable, long at) {}

    DatabaseProbe(BooleanSupplier question, InstantSource clock) {
        this(question, clock, PATIENCE);
    }

    DatabaseProbe(BooleanSupplier question, InstantSource clock, Duration patience) {
        this.question = question;
        this.clock = clock;
        this.patience = patience;
        this.last = new Answer(true, Long.MIN_VALUE / 2);
    }

    boolean isReachable() {
        boolean isFresh = clock.millis() - last.at() < FRESH.toMillis();
        if (!isFresh && asking.compareAndSet(false, true)) {
            askAndWait();
        }
        return last.reachable();
    }

    @Override
    public void close() {
        asker.shutdownNow();
    }

    private void askAndWait() {
        try {
            Future<?> answered = asker.submit(this::ask);
            answered.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer(false);
        } catch (ExecutionException | RejectedExecutionException e) {
            asking.set(false);
            answer(false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask() {
        try {
            answer(question.getAsBoolean());
        } finally {
            asking.set(false);
        }
    }

    private void answer(boolean reachable) {
        last = new Answer(reachable, clock.millis());
    }
}
