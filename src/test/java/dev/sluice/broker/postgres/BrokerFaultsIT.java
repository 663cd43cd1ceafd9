package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Recorder;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import dev.sluice.support.SilentProxy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left when connections break, nodes stop and the database goes away while publications are made. */
class BrokerFaultsIT {
    private static final boolean FULL = Boolean.getBoolean("sluice.test.full");
    private static final int BREAKS = FULL ? 60 : 5;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String CHANNEL = "big:1";
    private static final Duration SHORT_LEASE = Duration.ofSeconds(1);

    private final BrokerDatabase database = BrokerDatabase.create();
    private final Recorder feedA = new Recorder();
    private final Recorder feedB = new Recorder();

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private static Retention retention(String channel) {
        return new Retention(1_000_000, Duration.ofHours(1));
    }

    private PostgresBroker started(Recorder feed) {
        PostgresBroker broker = database.broker(BrokerFaultsIT::retention);
        broker.start(feed);
        return broker;
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    private static Position get(CompletionStage<Position> answer) throws Exception {
        return answer.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /** Publishes texts of its own, some at once, until told to stop, and knows what became of each. */
    private static final class Publisher implements Callable<Map<String, CompletionStage<Position>>> {
        private final PostgresBroker broker;
        private final String name;
        private final Semaphore window = new Semaphore(16);
        private volatile boolean stopped;
        private final AtomicInteger answered = new AtomicInteger();

        Publisher(PostgresBroker broker, String name) {
            this.broker = broker;
            this.name = name;
        }

        @Override
        public Map<String, CompletionStage<Position>> call() throws InterruptedException {
            Map<String, CompletionStage<Position>> answers = new HashMap<>();
            for (int i = 0; !stopped; i++) {
                window.acquire();
                String data = "\"" + name + "." + i + "\"";
                CompletionStage<Position> answer = broker.publish(new Draft(CHANNEL, data));
                answers.put(data, answer);
                answer.whenComplete((position, error) -> {
                    answered.incrementAndGet();
                    window.release();
                });
            }
            return answers;
        }

        int answered() {
            return answered.get();
        }

        void stop() {
            stopped = true;
        }
    }

    @Test
    void brokenConnectionsLoseNothingAcknowledgedAndRepeatNothing() throws Exception {
        try (PostgresBroker a = started(feedA);
                PostgresBroker b = started(feedB)) {
            List<Publisher> publishers = List.of(
                    new Publisher(a, "a1"), new Publisher(a, "a2"), new Publisher(b, "b1"), new Publisher(b, "b2"));
            Map<String, CompletionStage<Position>> answers = publishThrough(publishers, BREAKS);
            get(a.publish(new Draft(CHANNEL, "\"last\"")));
            eventually(() -> feedA.data(CHANNEL).contains("\"last\"")
                    && feedB.data(CHANNEL).contains("\"last\""));

            List<Publication> stream = a.history(CHANNEL, History.Query.after(0, 1_000_000))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS)
                    .publications();
            assertThat(feedA.of(CHANNEL)).isEqualTo(stream);
            assertThat(feedB.of(CHANNEL)).isEqualTo(stream);
            checkAnswers(answers, stream);
        }
    }

    /** Breaks all connections of the broker again and again while publications are made. */
    private Map<String, CompletionStage<Position>> publishThrough(List<Publisher> publishers, int breaks)
            throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(publishers.size());
        List<Future<Map<String, CompletionStage<Position>>>> publishing =
                publishers.stream().map(executor::submit).toList();
        for (int i = 0; i <= breaks; i++) {
            for (Publisher publisher : publishers) {
                int before = publisher.answered();
                eventually(() -> publisher.answered() > before + 50);
            }
            if (i < breaks) {
                breakConnections();
            }
        }
        publishers.forEach(Publisher::stop);
        Map<String, CompletionStage<Position>> answers = new HashMap<>();
        for (Future<Map<String, CompletionStage<Position>>> one : publishing) {
            answers.putAll(one.get(60, TimeUnit.SECONDS));
        }
        executor.shutdown();
        return answers;
    }

    private void breakConnections() {
        database.database()
                .executeAsAdmin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND application_name LIKE 'sluice-broker%'");
    }

    private static void checkAnswers(Map<String, CompletionStage<Position>> answers, List<Publication> stream)
            throws Exception {
        Map<String, Position> places = new HashMap<>();
        stream.forEach(one -> assertThat(places.put(one.data(), one.position()))
                .as("published twice: " + one.data())
                .isNull());
        assertThat(stream.stream().map(one -> one.position().offset()))
                .isEqualTo(LongStream.rangeClosed(1, stream.size()).boxed().toList());
        int acknowledged = 0;
        for (Map.Entry<String, CompletionStage<Position>> one : answers.entrySet()) {
            try {
                assertThat(get(one.getValue())).isEqualTo(places.get(one.getKey()));
                acknowledged++;
            } catch (ExecutionException e) {
                if (reason(e) != Reason.UNKNOWN) {
                    assertThat(places).doesNotContainKey(one.getKey());
                }
            }
        }
        assertThat(acknowledged).isGreaterThan(answers.size() / 2);
    }

    @Test
    void oneLeadsAtATimeAndAnotherGoesOnWhenItCloses() throws Exception {
        PostgresBroker a = started(feedA);
        eventually(a::isLeading);
        try (PostgresBroker b = started(feedB);
                Session third = database.session()) {
            assertThat(third.tryToLead()).isFalse();
            Position first = get(b.publish(new Draft(CHANNEL, "1")));
            assertThat(b.isLeading()).isFalse();
            a.close();
            assertThat(get(b.publish(new Draft(CHANNEL, "2")))).isEqualTo(new Position(first.epoch(), 2));
            eventually(b::isLeading);
            assertThat(third.tryToLead()).isFalse();
        }
    }

    @Test
    void theEpochAndTheOffsetsGoOnAfterARestart() throws Exception {
        Position before;
        try (PostgresBroker a = started(feedA)) {
            before = get(a.publish(new Draft(CHANNEL, "1")));
        }
        try (PostgresBroker b = started(feedB)) {
            assertThat(get(b.publish(new Draft(CHANNEL, "2")))).isEqualTo(new Position(before.epoch(), 2));
            assertThat(b.history(CHANNEL, History.Query.after(0, 10))
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS)
                            .publications())
                    .hasSize(2);
            assertThat(feedB.data(CHANNEL)).containsExactly("2");
        }
    }

    @Test
    void aLeaderThatFallsSilentLosesTheLeadAndGoesOnAsAFollower() throws Exception {
        try (SilentProxy proxy = new SilentProxy(database.database().port());
                PostgresBroker a = database.brokerAt(proxy.port(), SHORT_LEASE, BrokerFaultsIT::retention)) {
            a.start(feedA);
            eventually(a::isLeading);
            try (PostgresBroker b = started(feedB)) {
                get(b.publish(new Draft(CHANNEL, "1")));
                get(a.publish(new Draft(CHANNEL, "2")));
                proxy.fallSilent();
                CompletionStage<Position> lost = a.publish(new Draft(CHANNEL, "\"lost\""));
                eventually(b::isLeading);
                assertThat(get(b.publish(new Draft(CHANNEL, "3"))).offset()).isEqualTo(3);
                assertThat(reason(lost)).isIn(Reason.UNKNOWN, Reason.UNAVAILABLE);
                proxy.speak();

                eventually(() -> feedA.of(CHANNEL).size() == 3);
                assertThat(feedA.of(CHANNEL)).isEqualTo(feedB.of(CHANNEL));
                eventually(() -> !a.isLeading());
                assertThat(get(a.publish(new Draft(CHANNEL, "4"))).offset()).isEqualTo(4);
                eventually(() -> feedB.data(CHANNEL).size() == 4);
                assertThat(feedB.data(CHANNEL)).containsExactly("1", "2", "3", "4");
            }
        }
    }

    @Test
    void withoutItsDatabaseABrokerSaysSoAndGoesOnWhenItIsBack() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        try (PostgresBroker a = database.broker(BrokerFaultsIT::retention, metrics)) {
            a.start(feedA);
            get(a.publish(new Draft(CHANNEL, "1")));
            database.database().refuseConnections();
            List<CompletionStage<Position>> refused = new ArrayList<>();
            for (int i = 0; i < Waiting.MOST; i++) {
                refused.add(a.publish(new Draft(CHANNEL, "\"refused\"")));
            }
            assertThat(reason(a.publish(new Draft(CHANNEL, "\"refused\"")))).isEqualTo(Reason.OVERLOADED);
            int unknown = 0;
            for (CompletionStage<Position> one : refused) {
                Reason reason = reason(one);
                assertThat(reason).isIn(Reason.UNAVAILABLE, Reason.UNKNOWN);
                unknown += reason == Reason.UNKNOWN ? 1 : 0;
            }
            assertThat(unknown).as("on their way when it broke").isLessThanOrEqualTo(GroupCommit.MOST);
            assertThat(reason(a.history(CHANNEL, History.Query.top()))).isEqualTo(Reason.UNAVAILABLE);

            database.database().allowConnections();
            eventually(() -> succeeds(a.publish(new Draft(CHANNEL, "2"))));
            eventually(() -> feedA.of(CHANNEL).size() == 2);
            assertThat(feedA.data(CHANNEL)).containsExactly("1", "2");
            Signal signal = new Signal("a", CHANNEL, "typing", "{}");
            eventually(() -> {
                a.signal(signal);
                return feedA.signals(CHANNEL).contains(signal);
            });
            assertThat(metrics.counter("sluice.broker.publishes", "result", "ok")
                            .count())
                    .isEqualTo(2);
            assertThat(metrics.counter("sluice.broker.publishes", "result", "overloaded")
                            .count())
                    .isEqualTo(1);
            assertThat(metrics.counter("sluice.broker.publishes", "result", "unavailable")
                            .count())
                    .isGreaterThanOrEqualTo(Waiting.MOST - GroupCommit.MOST);
            assertThat(metrics.counter("sluice.broker.reconnects").count()).isPositive();
        }
    }

    @Test
    void aPublicationThatTheDatabaseRefusesConcernsNoOther() throws Exception {
        try (PostgresBroker a = started(feedA);
                PostgresBroker b = started(feedB)) {
            eventually(() -> a.isLeading() || b.isLeading());
            for (PostgresBroker broker : List.of(a, b)) {
                List<CompletionStage<Position>> answers = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    answers.add(broker.publish(new Draft(CHANNEL, i == 50 ? "\"\0\"" : "" + i)));
                }
                assertThat(reason(answers.remove(50))).isEqualTo(Reason.UNAVAILABLE);
                for (CompletionStage<Position> answer : answers) {
                    get(answer);
                }
            }
            eventually(() -> feedB.of(CHANNEL).size() == 198);
            assertThat(feedB.of(CHANNEL).stream().map(one -> one.position().offset()))
                    .isEqualTo(LongStream.rangeClosed(1, 198).boxed().toList());
        }
    }

    @Test
    void aNodeThatWasAwayForLongerThanRowsStayIsTold() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        try (PostgresBroker a = started(feedA);
                Session session = database.session();
                BrokerMetrics counts = new BrokerMetrics(metrics);
                Handoff handoff =
                        new Handoff(feedB, new Waiting(BrokerDatabase.TICKS), BrokerFaultsIT::retention, counts)) {
            handoff.start();
            java.time.Instant[] now = {java.time.Instant.EPOCH};
            Tail tail = new Tail(handoff, () -> now[0]);
            StreamReader reader = new StreamReader(session);
            tail.catchUp(reader);
            get(a.publish(new Draft(CHANNEL, "1")));
            now[0] = now[0].plusSeconds(40);
            tail.catchUp(reader);
            get(a.publish(new Draft(CHANNEL, "2")));
            now[0] = now[0].plusSeconds(50);
            assertThat(feedB.losses()).isZero();
            tail.catchUp(reader);
            eventually(() -> feedB.losses() == 1);
            assertThat(feedB.data(CHANNEL)).containsExactly("1", "2");
        }
    }

    private static boolean succeeds(CompletionStage<Position> answer) throws Exception {
        try {
            get(answer);
            return true;
        } catch (ExecutionException e) {
            return false;
        }
    }

    private static Reason reason(CompletionStage<?> answer) throws Exception {
        try {
            answer.toCompletableFuture().get(60, TimeUnit.SECONDS);
            throw new AssertionError("did not fail");
        } catch (ExecutionException e) {
            return reason(e);
        }
    }

    private static Reason reason(ExecutionException error) {
        assertThat(error.getCause()).isInstanceOf(BrokerException.class);
        return ((BrokerException) Objects.requireNonNull(error.getCause())).reason();
    }
}
