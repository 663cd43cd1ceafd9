package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StreamsTest {
    private static final Executor OWN_THREAD = task -> new Thread(task, "streams-test").start();

    /** Nothing takes too long for it. */
    private static final InstantSource STILL = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final Streams streams = new Streams(STILL, new Budget(STILL));

    /** The container goes down next: a response that is broken after that looks as if it had come to its end. */
    @Test
    void aDrainIsNotOverBeforeTheResponsesAreEnded() throws Exception {
        SlowEnd target = new SlowEnd();
        streams.tracked(new Endless(), target, OWN_THREAD, limits(), "test", "endless")
                .writable();
        CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(this::drain, OWN_THREAD);
        assertThat(target.begun.await(1, TimeUnit.MINUTES)).isTrue();
        await().until(() -> streams.count() == 0);
        assertThat(drained).isNotDone();
        target.mayEnd.countDown();

        assertThat(drained.get(1, TimeUnit.MINUTES)).isFalse();
        assertThat(target.reason).hasValue(EndReason.CANCELLED);
    }

    private boolean drain() {
        try {
            return streams.drain(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Pump.Limits limits() {
        return new Pump.Limits(Duration.ZERO, Duration.ZERO, Duration.ZERO, 100);
    }

    private static final class Endless implements Source {
        @Override
        public Step fill(Buffer buffer, Runnable wakeUp) {
            return Step.WAIT;
        }

        @Override
        public void close(EndReason reason, @Nullable Throwable error) {}
    }

    /** Ends when it may. */
    private static final class SlowEnd implements Target {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch mayEnd = new CountDownLatch(1);
        final AtomicReference<EndReason> reason = new AtomicReference<>();

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void write(Buffer buffer) {}

        @Override
        public void flush() {}

        @Override
        public void complete() {}

        @Override
        public void fail(EndReason why, @Nullable Throwable error) {
            begun.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            reason.set(why);
        }
    }
}
