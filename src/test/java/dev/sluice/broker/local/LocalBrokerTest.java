package dev.sluice.broker.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.BreakingFeed;
import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerContract;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History.Query;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Recorder;
import dev.sluice.broker.Signal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LocalBrokerTest extends BrokerContract {
    private volatile Instant now = Instant.parse("2026-11-21T10:00:00Z");
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final LocalStreams streams = streams(LocalLimits.DEFAULT);

    private LocalStreams streams(LocalLimits limits) {
        InstantSource clock = () -> now;
        return new LocalStreams(BrokerContract::retention, limits, clock, clock, metrics);
    }

    @Override
    protected Broker node() {
        return new LocalBroker(streams);
    }

    @Override
    protected void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void publicationsCarryTheTimeOfTheClock() {
        publish(a, "1");
        assertThat(feedB.of(channel)).extracting(Publication::time).containsExactly(now.toEpochMilli());
    }

    @Test
    void tooManyChannelsAreRefusedUntilSomeHaveAged() {
        try (Broker full = full(new LocalLimits(2, 1 << 20, 10))) {
            Draft third = new Draft("young:3", "1");
            Position first = join(full.publish(new Draft("young:1", "1")));
            join(full.publish(new Draft("young:2", "1")));
            assertThat(reason(full.publish(third))).isEqualTo(Reason.OVERLOADED);
            assertThat(join(full.publish(new Draft("none:1", "1")))).isEqualTo(Position.NONE);

            pass(Duration.ofSeconds(61));
            assertThat(join(full.publish(third)).offset()).isEqualTo(1);

            Position again = join(full.publish(new Draft("young:1", "1")));
            assertThat(again.offset()).isEqualTo(1);
            assertThat(again.epoch())
                    .as("another stream than the forgotten one")
                    .isNotEqualTo(first.epoch());
        }
    }

    @Test
    void tooMuchTextIsRefusedUntilSomeHasAged() {
        try (Broker full = full(new LocalLimits(10, 4000, 10))) {
            Draft draft = new Draft("young:1", "\"" + "x".repeat(2000) + "\"");
            Position first = join(full.publish(draft));
            assertThat(reason(full.publish(draft))).isEqualTo(Reason.OVERLOADED);
            pass(Duration.ofSeconds(61));
            assertThat(join(full.publish(draft)).offset()).isEqualTo(1);
            assertThat(join(full.history("young:1", Query.top())).top().epoch()).isNotEqualTo(first.epoch());
        }
    }

    @Test
    void whatTheSizeDropsMakesRoom() {
        try (Broker full = full(new LocalLimits(10, 10_000, 10))) {
            for (int i = 1; i <= 1000; i++) {
                assertThat(join(full.publish(new Draft("small:1", "\"" + "x".repeat(500) + "\"")))
                                .offset())
                        .isEqualTo(i);
                assertThat(join(full.replace("small:1", i, "\"" + "y".repeat(i) + "\"")))
                        .isTrue();
                join(full.replace("small:1", i, "1"));
            }
            join(full.forget("small:1"));
            join(full.publish(new Draft("big:1", "\"" + "x".repeat(4500) + "\"")));
        }
    }

    @Test
    void tooManyKeysAreRefusedUntilSomeHaveAged() {
        try (Broker full = full(new LocalLimits(10, 1 << 20, 2))) {
            join(full.publish(new Draft("none:1", "", "1", "", "a")));
            join(full.publish(new Draft("none:2", "", "1", "", "b")));
            Draft third = new Draft("none:3", "", "1", "", "c");
            assertThat(reason(full.publish(third))).isEqualTo(Reason.OVERLOADED);
            pass(Duration.ofSeconds(301));
            assertThat(join(full.publish(third))).isEqualTo(Position.NONE);
        }
    }

    @Test
    void aFeedThatFailsDoesNotConcernTheOthers() throws Exception {
        Feed broken = new Feed() {
            @Override
            public void publication(Publication publication) {
                throw new IllegalStateException("broken on purpose");
            }

            @Override
            public void signal(Signal signal) {
                throw new IllegalStateException("broken on purpose");
            }
        };
        started(broken);
        Recorder last = new Recorder();
        started(last);
        publish(a, "1");
        assertThat(last.data(channel)).containsExactly("1");
    }

    @Test
    void aFeedThatBreaksIsToldWhatItHasMissedAndHearsTheRest() throws Exception {
        BreakingFeed feed = new BreakingFeed();
        feed.publications.set(1);
        feed.losses.set(1);
        feed.signals.set(1);
        started(feed);
        publish(a, "1");
        publish(a, "2");
        a.signal(new Signal("a", channel, "typing", "1"));
        a.signal(new Signal("a", channel, "typing", "2"));

        await().until(() -> feed.recorder.losses() == 1
                && feed.recorder.signals(channel).contains(new Signal("a", channel, "typing", "2")));
        assertThat(feed.recorder.data(channel)).containsExactly("2");
    }

    @Test
    void signalsThatAFeedDoesNotTakeAreLostAndCounted() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        started(new Feed() {
            @Override
            public void publication(Publication publication) {}

            @Override
            public void signal(Signal signal) {
                try {
                    stuck.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        for (int i = 0; i < 10_100; i++) {
            a.signal(new Signal("a", channel, "typing", "{}"));
        }
        stuck.countDown();
        assertThat(metrics.counter("sluice.broker.signals.lost", "broker", "local")
                        .count())
                .isBetween(90.0, 10_100.0);
    }

    private Broker full(LocalLimits limits) {
        Broker broker = new LocalBroker(streams(limits));
        broker.start(new Recorder());
        return broker;
    }
}
