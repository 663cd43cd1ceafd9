package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.BreakingFeed;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The threads of the broker go on, whatever fails in them. */
class ThreadsTest {
    private static final String CHANNEL = "kept:1";
    private static final InstantSource TICKS = () -> java.time.Instant.EPOCH;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final BrokerMetrics metrics = new BrokerMetrics(registry);
    private final Waiting waiting = new Waiting(TICKS);
    private final BreakingFeed feed = new BreakingFeed();

    private static Retention retention(String channel) {
        return new Retention(100, Duration.ofHours(1));
    }

    private static List<Row> rows(long token, long... offsets) {
        return LongStream.of(offsets)
                .mapToObj(offset -> new Row(
                        offset,
                        token,
                        new Publication(CHANNEL, new Position("e", offset), "", Long.toString(offset), "", 0)))
                .toList();
    }

    @Test
    void theFeedIsToldWhatItHasMissedAndHandedTheRest() throws Exception {
        CompletionStage<Position> answer = waiting.offer(new Draft(CHANNEL, "1"));
        long token = waiting.take(1, Long.MAX_VALUE).get(0).token();
        feed.publications.set(1);
        feed.losses.set(1);
        try (Handoff handoff = new Handoff(feed, waiting, ThreadsTest::retention, metrics)) {
            handoff.start();
            handoff.rows(rows(token, 1));
            handoff.rows(rows(0, 2, 3));
            for (int i = 4; i < 20; i++) {
                handoff.rows(rows(0, i));
            }
            handoff.settle();

            assertThat(answer.toCompletableFuture().get(10, TimeUnit.SECONDS).offset())
                    .isEqualTo(1);
            assertThat(feed.recorder.losses()).isEqualTo(1);
            assertThat(feed.recorder.offsets(CHANNEL)).doesNotContain(1L).endsWith(18L, 19L);
        }
    }

    @Test
    void aLossThatCannotBeToldIsToldLater() {
        feed.losses.set(1);
        try (Handoff handoff = new Handoff(feed, waiting, ThreadsTest::retention, metrics)) {
            handoff.start();
            handoff.lost();

            await().until(() -> feed.recorder.losses() == 1);
        }
    }

    @Test
    void aThreadWithASessionTriesAgainWhateverFails() {
        AtomicInteger attempts = new AtomicInteger();
        Sessions sessions = () -> {
            attempts.incrementAndGet();
            throw new OutOfMemoryError("in a test");
        };
        SessionThread.Breaks breaks = (error, isFirst) -> {
            throw new IllegalStateException("in a test");
        };
        try (SessionThread thread = new SessionThread("test", sessions, session -> {}, breaks, TICKS)) {
            thread.start();

            await().until(() -> attempts.get() > 2);
        }
    }

    @Test
    void signalsThatCannotBeToldAreCountedAndOthersFollow() {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger(1);
        Teller.Notifier notifier = texts -> {
            if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("in a test");
            }
            told.addAndGet(texts.size());
        };
        try (Teller teller = new Teller(notifier, metrics)) {
            teller.start();
            teller.signal(new Signal("a", CHANNEL, "typing", "1"));
            await().until(() -> registry.counter("sluice.broker.signals.lost", "broker", "postgres")
                            .count()
                    == 1);
            teller.signal(new Signal("a", CHANNEL, "typing", "2"));

            await().until(() -> told.get() == 1);
        }
    }
}
