package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatabaseProbeTest {
    private final AtomicLong millis = new AtomicLong(1_000_000);
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch answer = new CountDownLatch(1);
    private DatabaseProbe probe = new DatabaseProbe(() -> asked.incrementAndGet() > 0, clock);

    @AfterEach
    void close() {
        answer.countDown();
        probe.close();
    }

    @Test
    void howeverManyAskTheDatabaseIsAskedOnceInASecond() {
        for (int i = 0; i < 1000; i++) {
            assertThat(probe.isReachable()).isTrue();
        }
        assertThat(asked).hasValue(1);

        millis.addAndGet(1000);
        probe.isReachable();
        assertThat(asked).hasValue(2);
    }

    @Test
    void aDatabaseThatFailsIsNotReachableUntilItAnswersAgain() {
        probe.close();
        probe = new DatabaseProbe(() -> asked.incrementAndGet() != 1, clock);

        assertThat(probe.isReachable()).isFalse();
        millis.addAndGet(1000);
        assertThat(probe.isReachable()).isTrue();
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsNotWaitedForTwice() {
        probe.close();
        probe = new DatabaseProbe(this::hang, clock, Duration.ofMillis(50));

        assertThat(probe.isReachable()).isFalse();
        millis.addAndGet(5000);
        assertThat(probe.isReachable()).isFalse();
        assertThat(asked).hasValue(1);

        answer.countDown();
        await().until(probe::isReachable);
    }

    @Test
    void aQuestionThatThrowsIsANo() {
        probe.close();
        probe = new DatabaseProbe(
                () -> {
                    throw new IllegalStateException("a bug");
                },
                clock);

        assertThat(probe.isReachable()).isFalse();
    }

    private boolean hang() {
        asked.incrementAndGet();
        try {
            answer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
