package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Recorder;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import dev.sluice.support.SilentProxy;
import dev.sluice.support.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left when connections break, nodes stop and the database goes away while publications are made. */
class BrokerFaultsIT {
    private static final boolean FULL = Boolean.getBoolean("sluice.test.full");
    private static final int BREAKS = FULL ? 60 : 5;
    private static final int CRASHES = FULL ? 20 : 2;
    private static final int BETWEEN_BREAKS = 400;
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
        return started(database, feed);
    }

    private static PostgresBroker started(BrokerDatabase database, Recorder feed) {
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

    /** Publishes texts of its own, some at once, as many as it is allowed, and knows what became of each. */
    private static final class Publisher implements Callable<Map<String, CompletionStage<Position>>> {
        private final PostgresBroker broker;
        private final String name;
        private final int count;
        private final Semaphore window = new Semaphore(16);
        private final Semaphore allowed = new Semaphore(0);
        private final AtomicInteger answered = new AtomicInteger();

        Publisher(PostgresBroker broker, String name, int count) {
            this.broker = broker;
            this.name = name;
            this.count = count;
        }

        @Override
        public Map<String, CompletionStage<Position>> call() throws InterruptedException {
            Map<String, CompletionStage<Position>> answers = new HashMap<>();
            for (int i = 0; i < count; i++) {
                allowed.acquire();
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

        void allow(int more) {
            allowed.release(more);
        }
    }

    @Test
    void brokenConnectionsLoseNothingAcknowledgedAndRepeatNothing() throws Exception {
        checkThrough(database, BREAKS, () -> breakConnections(database));
    }

    private static void breakConnections(BrokerDatabase database) {
        database.database()
                .executeAsAdmin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND application_name LIKE 'sluice-broker%'");
    }

    /** When one of its processes is killed, PostgreSQL ends all others and recovers from its log. */
    @Test
    void aServerThatCrashesLosesNothingAcknowledgedAndRepeatsNothing() throws Exception {
        try (BrokerDatabase own = new BrokerDatabase(TestDatabase.alone())) {
            checkThrough(own, CRASHES, () -> killLeader(own));
        }
    }

    private static void killLeader(BrokerDatabase database) {
        String holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
                + " (SELECT oid FROM pg_database WHERE datname = current_database())";
        eventually(() -> !database.query(holder).isEmpty());
        assertThat(ProcessHandle.of(Long.parseLong(database.value(holder))).map(ProcessHandle::destroyForcibly))
                .contains(true);
    }

    /** Publishes on two nodes while something breaks again and again, and looks at what came of it. */
    private static void checkThrough(BrokerDatabase database, int breaks, Runnable breaking) throws Exception {
        Recorder feedA = new Recorder();
        Recorder feedB = new Recorder();
        try (PostgresBroker a = started(database, feedA);
                PostgresBroker b = started(database, feedB)) {
            int count = (breaks + 1) * BETWEEN_BREAKS;
            List<Publisher> publishers = List.of(
                    new Publisher(a, "a1", count),
                    new Publisher(a, "a2", count),
                    new Publisher(b, "b1", count),
                    new Publisher(b, "b2", count));
            Map<String, CompletionStage<Position>> answers = publishThrough(publishers, breaks, breaking);
            eventually(() -> succeeds(a.publish(new Draft(CHANNEL, "", "\"last\"", "", "last"))));
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

    private static Map<String, CompletionStage<Position>> publishThrough(
            List<Publisher> publishers, int breaks, Runnable breaking) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(publishers.size());
        List<Future<Map<String, CompletionStage<Position>>>> publishing =
                publishers.stream().map(executor::submit).toList();
        for (int i = 0; i <= breaks; i++) {
            int half = i * BETWEEN_BREAKS + BETWEEN_BREAKS / 2;
            publishers.forEach(publisher -> publisher.allow(BETWEEN_BREAKS));
            for (Publisher publisher : publishers) {
                eventually(() -> publisher.answered() > half);
            }
            if (i < breaks) {
                breaking.run();
            }
        }
        Map<String, CompletionStage<Position>> answers = new HashMap<>();
        for (Future<Map<String, CompletionStage<Position>>> one : publishing) {
            answers.putAll(one.get(60, TimeUnit.SECONDS));
        }
        executor.shutdown();
        return answers;
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
        assertThat(acknowledged).isPositive();
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
            await().atMost(LONG)
                    .until(() -> metrics.get("sluice.broker.outbox").gauge().value() == 0);
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

    /** As on a full disk, or after a primary has become a standby. */
    @Test
    void aDatabaseThatTakesNothingIsTriedNowAndThen() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        try (PostgresBroker a = database.broker(BrokerFaultsIT::retention, metrics)) {
            a.start(feedA);
            get(a.publish(new Draft(CHANNEL, "1")));
            database.execute(
                    "CREATE FUNCTION sluice.refuse() RETURNS trigger LANGUAGE plpgsql AS"
                            + " $$ BEGIN RAISE disk_full USING MESSAGE = 'on purpose'; END $$",
                    "CREATE TRIGGER refuse BEFORE INSERT ON sluice.stream FOR EACH ROW EXECUTE FUNCTION sluice.refuse()");
            assertThat(reason(a.publish(new Draft(CHANNEL, "\"refused\"")))).isIn(Reason.UNAVAILABLE, Reason.UNKNOWN);
            assertThat(metrics.counter("sluice.broker.reconnects").count()).isBetween(3.0, 20.0);

            database.execute("DROP TRIGGER refuse ON sluice.stream");
            eventually(() -> succeeds(a.publish(new Draft(CHANNEL, "2"))));
            assertThat(feedA.data(CHANNEL)).containsExactly("1", "2");
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

    /** The feed may be slow to tell that the stream has it. */
    @Test
    void whatWasCommittedAndNotAnsweredIsNotSentAgain() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        Feed feed = new Feed() {
            @Override
            public void publication(Publication publication) {
                try {
                    assertThat(slow.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void signal(Signal signal) {}
        };
        Waiting waiting = new Waiting(BrokerDatabase.TICKS);
        try (Session session = database.session();
                BrokerMetrics counts = new BrokerMetrics(new SimpleMeterRegistry());
                Handoff handoff = new Handoff(feed, waiting, BrokerFaultsIT::retention, counts)) {
            handoff.start();
            ChannelLimit limit = new ChannelLimit(100_000, BrokerDatabase.TICKS);
            // Counted already, so that what breaks is the batch.
            limit.tooMany(List.of(), new GroupCommit(session));
            Tail tail = new Tail(handoff, limit, BrokerDatabase.TICKS);
            StreamReader reader = new StreamReader(session);
            tail.catchUp(reader);
            Publishing publishing = new Publishing(waiting, handoff, limit);
            CompletionStage<Position> answer = waiting.offer(new Draft(CHANNEL, "", "1", "", "key"));

            Session broken = database.session();
            GroupCommit lost = new GroupCommit(broken);
            broken.abort();
            assertThatThrownBy(() -> publishing.direct(lost, tail)).isInstanceOf(SQLException.class);
            assertThat(new GroupCommit(session).direct(waiting.sentWithKey(9)).rows())
                    .hasSize(1);
            tail.catchUp(reader);
            new Thread(() -> {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                        slow.countDown();
                    })
                    .start();
            publishing.sendAgain();
            assertThat(waiting.take(9, Long.MAX_VALUE)).isEmpty();
            assertThat(get(answer).offset()).isEqualTo(1);
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
            Tail tail = new Tail(handoff, new ChannelLimit(100, () -> now[0]), () -> now[0]);
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
