package dev.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.History.Query;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every broker must do. Each case has two nodes on one broker, and publishes on both.
 *
 * <p>Channels {@code none:} have no history, {@code small:} keep three publications, {@code young:} keep them for a
 * minute.
 */
public abstract class BrokerContract {
    protected static final Duration LONG = Duration.ofSeconds(60);
    protected static final int LARGE_BYTES = 60_000;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Deque<Broker> open = new ArrayDeque<>();
    protected Recorder feedA = new Recorder();
    protected Recorder feedB = new Recorder();
    protected Broker a;
    protected Broker b;
    protected String channel = "";

    /** A further node on the broker, not yet started. */
    protected abstract Broker node() throws Exception;

    /** Lets all that is kept become older. */
    protected abstract void pass(Duration time) throws Exception;

    protected static Retention retention(String channel) {
        return switch (channel.split(":", 2)[0]) {
            case "none" -> Retention.NOTHING;
            case "small" -> new Retention(3, Duration.ofHours(1));
            case "young" -> new Retention(100, Duration.ofMinutes(1));
            default -> new Retention(5000, Duration.ofHours(1));
        };
    }

    @BeforeEach
    void startTwoNodes() throws Exception {
        channel = name("big");
        feedA = new Recorder();
        feedB = new Recorder();
        a = started(feedA);
        b = started(feedB);
    }

    @AfterEach
    void close() {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    protected Broker started(Feed feed) throws Exception {
        Broker broker = node();
        open.push(broker);
        broker.start(feed);
        return broker;
    }

    protected static void eventually(Callable<Boolean> condition) {
        await().atMost(LONG)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    /** A name that no other test has. */
    protected static String name(String namespace) {
        return namespace + ":" + COUNT.incrementAndGet();
    }

    @Test
    void aPublicationReachesBothNodesAndIsAnsweredWithItsPlace() {
        Position first = publish(a, "{\"n\":1}");
        Position second = publish(b, "{\"n\":2}");

        assertThat(first.offset()).isEqualTo(1);
        assertThat(second).isEqualTo(new Position(first.epoch(), 2));
        assertThat(first.epoch()).isNotEmpty();
        for (Recorder feed : List.of(feedA, feedB)) {
            eventually(() -> feed.of(channel).size() == 2);
            assertThat(feed.data(channel)).containsExactly("{\"n\":1}", "{\"n\":2}");
            assertThat(feed.of(channel)).extracting(Publication::position).containsExactly(first, second);
        }
    }

    @Test
    void whatWasPublishedComesBackByteForByte() {
        String data = "{\"b\" :1,\n\"a\":[1e400, \"\\u0000\", \"\\ud83d\", \"é😀\\\\ {},\\\"\"],\"b\":2 }";
        Draft draft = new Draft(channel, "a \"name\", {with} \\ all", data, "{\"user\":\"NULL\"}", "");
        Position position = join(a.publish(draft));
        String large = "\"" + "x😀".repeat(13_000) + "\"";
        publish(b, large);

        eventually(() -> feedB.of(channel).size() == 2);
        Publication got = feedB.of(channel).get(0);
        assertThat(got).isEqualTo(new Publication(channel, position, draft.event(), data, draft.info(), got.time()));
        assertThat(feedA.data(channel)).containsExactly(data, large);
        assertThat(history(b, Query.after(0, 10)).publications()).isEqualTo(feedA.of(channel));
    }

    @Test
    void bothNodesSeeOneOrderWithoutGapOrRepeat() {
        int threads = 4;
        int each = 200;
        inParallel(threads, thread -> {
            for (int i = 0; i < each; i++) {
                publish(thread % 2 == 0 ? a : b, "[" + thread + "," + i + "]");
            }
        });

        int all = threads * each;
        await().atMost(LONG)
                .until(() ->
                        feedA.of(channel).size() == all && feedB.of(channel).size() == all);
        assertThat(feedA.offsets(channel)).isEqualTo(offsets(1, all));
        assertThat(feedB.of(channel)).isEqualTo(feedA.of(channel));
        assertThat(history(a, Query.after(0, all)).publications()).isEqualTo(feedA.of(channel));
        for (int thread = 0; thread < threads; thread++) {
            String prefix = "[" + thread + ",";
            assertThat(feedA.data(channel).stream().filter(data -> data.startsWith(prefix)))
                    .isEqualTo(IntStream.range(0, each)
                            .mapToObj(i -> prefix + i + "]")
                            .toList());
        }
    }

    @Test
    void whatANodePublishesWithoutWaitingKeepsItsOrder() {
        int count = 2_000;
        List<CompletionStage<Position>> answers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            answers.add(b.publish(new Draft(channel, "" + i)));
        }
        List<Long> offsets = answers.stream().map(one -> join(one).offset()).toList();

        assertThat(offsets).isEqualTo(offsets(1, count));
        await().atMost(LONG)
                .until(() ->
                        feedA.of(channel).size() == count && feedB.of(channel).size() == count);
        assertThat(feedB.data(channel))
                .isEqualTo(IntStream.rangeClosed(1, count).mapToObj(i -> "" + i).toList());
        assertThat(feedA.of(channel)).isEqualTo(feedB.of(channel));
    }

    @Test
    void eachOfManyChannelsCountsForItself() {
        int channels = 60;
        int each = 20;
        List<CompletionStage<Position>> answers = new ArrayList<>();
        for (int i = 1; i <= each; i++) {
            for (int c = 0; c < channels; c++) {
                answers.add((c % 2 == 0 ? a : b).publish(new Draft(channel + "-" + c, "" + i)));
            }
        }
        answers.forEach(BrokerContract::join);

        for (int c = 0; c < channels; c++) {
            String name = channel + "-" + c;
            for (Recorder feed : List.of(feedA, feedB)) {
                eventually(() -> feed.of(name).size() == each);
                assertThat(feed.offsets(name)).isEqualTo(offsets(1, each));
                assertThat(feed.data(name)).startsWith("1", "2").endsWith("" + each);
            }
        }
    }

    @Test
    void historyIsReadFromBothEndsAndFromAPlace() {
        Position last = publishMany(a, 10);

        assertThat(read(b, Query.top())).isEmpty();
        assertThat(history(b, Query.top()).top()).isEqualTo(last);
        assertThat(read(b, Query.after(0, 100))).isEqualTo(offsets(1, 10));
        assertThat(read(b, Query.after(-1, 3))).containsExactly(1L, 2L, 3L);
        assertThat(read(b, Query.after(7, 100))).containsExactly(8L, 9L, 10L);
        assertThat(read(b, Query.after(3, 2))).containsExactly(4L, 5L);
        assertThat(read(b, Query.after(10, 5))).isEmpty();
        assertThat(read(b, Query.after(99, 5))).isEmpty();
        assertThat(read(b, Query.newest(3))).containsExactly(10L, 9L, 8L);
        assertThat(read(b, new Query(8, 3, true))).containsExactly(7L, 6L, 5L);
        assertThat(read(b, new Query(1, 3, true))).isEmpty();
        assertThat(read(b, new Query(0, 3, true))).isEmpty();
        assertThat(history(b, Query.newest(3)).top()).isEqualTo(last);
    }

    @Test
    void largePublicationsComeInSeveralReadingsWithoutGapOrRepeat() {
        int count = 60;
        publishLarge(count);

        List<Long> forwards = new ArrayList<>();
        for (List<Long> page = read(b, Query.after(0, 300)); !page.isEmpty(); ) {
            forwards.addAll(page);
            page = read(b, Query.after(page.get(page.size() - 1), 300));
        }
        assertThat(forwards).isEqualTo(offsets(1, count));
        List<Long> backwards = new ArrayList<>();
        for (List<Long> page = read(b, Query.newest(300)); !page.isEmpty(); ) {
            backwards.addAll(page);
            page = read(b, new Query(page.get(page.size() - 1), 300, true));
        }
        Collections.reverse(backwards);
        assertThat(backwards).isEqualTo(forwards);
        assertThat(history(b, Query.after(0, 300)).top().offset()).isEqualTo(count);
    }

    @Test
    void aChannelThatNobodyHasPublishedToHasTheEpochOfItsFirstPublication() {
        History before = history(b, Query.newest(5));
        assertThat(before.publications()).isEmpty();
        assertThat(before.top().offset()).isZero();
        assertThat(before.top().epoch()).isNotEmpty();

        assertThat(publish(a, "1")).isEqualTo(new Position(before.top().epoch(), 1));
    }

    @Test
    void noMoreIsKeptThanTheSizeAllows() {
        channel = name("small");
        Position last = publishMany(a, 8);

        assertThat(read(b, Query.after(0, 100))).containsExactly(6L, 7L, 8L);
        assertThat(read(b, Query.newest(100))).containsExactly(8L, 7L, 6L);
        assertThat(read(b, new Query(7, 100, true))).containsExactly(6L);
        assertThat(history(b, Query.top()).top()).isEqualTo(last);
    }

    @Test
    void nothingIsKeptForLongerThanItsAge() throws Exception {
        channel = name("young");
        publishMany(a, 3);
        pass(Duration.ofSeconds(40));
        Position fourth = publishMany(b, 1);
        assertThat(read(b, Query.after(0, 100))).containsExactly(1L, 2L, 3L, 4L);

        pass(Duration.ofSeconds(40));
        assertThat(read(b, Query.after(0, 100))).containsExactly(4L);
        assertThat(read(a, Query.newest(100))).containsExactly(4L);
        pass(Duration.ofSeconds(40));
        assertThat(history(a, Query.newest(100))).isEqualTo(new History(fourth, List.of()));
        assertThat(publish(b, "5")).isEqualTo(new Position(fourth.epoch(), 5));
        assertThat(read(a, Query.after(0, 100))).containsExactly(5L);
    }

    @Test
    void whatHasNoHistoryHasNoPlaceAndReachesBothInOneOrder() {
        channel = name("none");
        inParallel(4, thread -> {
            for (int i = 0; i < 100; i++) {
                assertThat(publish(thread % 2 == 0 ? a : b, "[" + thread + "," + i + "]"))
                        .isEqualTo(Position.NONE);
            }
        });

        await().atMost(LONG)
                .until(() ->
                        feedA.of(channel).size() == 400 && feedB.of(channel).size() == 400);
        assertThat(feedA.of(channel)).extracting(Publication::position).containsOnly(Position.NONE);
        assertThat(feedB.data(channel)).isEqualTo(feedA.data(channel)).doesNotHaveDuplicates();
        assertThat(history(a, Query.newest(10))).isEqualTo(new History(Position.NONE, List.of()));
    }

    @Test
    void aForgottenChannelShowsNothingAndItsOffsetsGoOn() {
        Position third = publishMany(a, 3);
        join(b.forget(channel));

        assertThat(history(a, Query.after(0, 10))).isEqualTo(new History(third, List.of()));
        assertThat(join(a.replace(channel, 2, "{}"))).isFalse();
        assertThat(publish(b, "4")).isEqualTo(new Position(third.epoch(), 4));
        assertThat(read(a, Query.after(0, 10))).containsExactly(4L);
        join(a.forget(name("big")));
    }

    @Test
    void whatIsReplacedKeepsItsPlace() {
        publishMany(a, 3);
        assertThat(join(b.replace(channel, 2, "{\"deleted\":true}"))).isTrue();

        History history = history(a, Query.after(0, 10));
        assertThat(history.publications())
                .extracting(Publication::data)
                .containsExactly("1", "{\"deleted\":true}", "3");
        assertThat(read(a, Query.after(0, 10))).containsExactly(1L, 2L, 3L);
        assertThat(join(a.replace(channel, 4, "{}"))).isFalse();
        assertThat(join(a.replace(channel, 0, "{}"))).isFalse();
        assertThat(join(a.replace(name("big"), 1, "{}"))).isFalse();
    }

    @Test
    void whatIsNoLongerKeptIsNotReplaced() throws Exception {
        channel = name("small");
        publishMany(a, 4);
        assertThat(join(b.replace(channel, 1, "{}"))).isFalse();
        assertThat(join(b.replace(channel, 2, "{}"))).isTrue();
        channel = name("young");
        publishMany(a, 1);
        pass(Duration.ofSeconds(61));
        assertThat(join(b.replace(channel, 1, "{}"))).isFalse();
    }

    @Test
    void ofTwoDraftsWithOneKeyOneIsPublished() throws Exception {
        Position first = join(a.publish(keyed("1", "key")));
        assertThat(join(b.publish(keyed("2", "key")))).isEqualTo(first);
        assertThat(join(a.publish(keyed("3", "key")))).isEqualTo(first);
        assertThat(join(b.publish(keyed("4", "another"))).offset()).isEqualTo(2);
        assertThat(publish(a, "5").offset()).isEqualTo(3);

        String elsewhere = name("big");
        assertThat(join(b.publish(new Draft(elsewhere, "", "1", "", "key"))).offset())
                .isEqualTo(1);
        eventually(() -> feedB.of(channel).size() == 3);
        assertThat(feedB.data(channel)).containsExactly("1", "4", "5");

        pass(Duration.ofMinutes(4));
        assertThat(join(a.publish(keyed("6", "key")))).isEqualTo(first);
        pass(Duration.ofMinutes(2));
        assertThat(join(b.publish(keyed("7", "key"))).offset()).isEqualTo(4);
    }

    @Test
    void keysWorkWhereNothingIsKept() {
        channel = name("none");
        assertThat(join(a.publish(keyed("1", "key")))).isEqualTo(Position.NONE);
        assertThat(join(b.publish(keyed("2", "key")))).isEqualTo(Position.NONE);
        assertThat(publish(b, "3")).isEqualTo(Position.NONE);

        await().atMost(LONG)
                .until(() ->
                        feedA.data(channel).contains("3") && feedB.data(channel).contains("3"));
        assertThat(feedA.data(channel)).containsExactly("1", "3");
        assertThat(feedB.data(channel)).containsExactly("1", "3");
    }

    @Test
    void ofManyAtOnceWithOneKeyOneIsPublishedAndAllAreAnsweredWithItsPlace() {
        int rounds = 20;
        Map<String, Set<Position>> answers = new ConcurrentHashMap<>();
        inParallel(6, thread -> {
            List<CompletionStage<Position>> waiting = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                waiting.add((thread % 2 == 0 ? a : b).publish(keyed("" + round, "key-" + round)));
            }
            for (int round = 0; round < rounds; round++) {
                answers.computeIfAbsent("" + round, key -> ConcurrentHashMap.newKeySet())
                        .add(join(waiting.get(round)));
            }
        });

        await().atMost(LONG)
                .until(() ->
                        feedA.of(channel).size() >= rounds && feedB.of(channel).size() >= rounds);
        assertThat(feedA.offsets(channel)).isEqualTo(offsets(1, rounds));
        assertThat(feedB.of(channel)).isEqualTo(feedA.of(channel));
        for (Publication publication : feedA.of(channel)) {
            assertThat(answers.get(publication.data())).containsExactly(publication.position());
        }
        assertThat(history(a, Query.top()).top().offset()).isEqualTo(rounds);
    }

    @Test
    void signalsReachAllNodesInTheOrderOfTheirSender() {
        List<Signal> sent = IntStream.range(0, 500)
                .mapToObj(i -> new Signal("a", channel, "typing", i % 2 == 0 ? "{\"on\":true}" : "{\"on\":false}"))
                .toList();
        sent.forEach(a::signal);

        await().atMost(LONG)
                .until(() -> feedA.signals(channel).size() == 500
                        && feedB.signals(channel).size() == 500);
        assertThat(feedA.signals(channel)).isEqualTo(sent);
        assertThat(feedB.signals(channel)).isEqualTo(sent);
    }

    @Test
    void aSignalMayBeAsLargeAsIsAllowedAndOfAnyText() {
        Signal large = new Signal("node-b", channel, "here-are", "\"" + "é\\n'\\u0000".repeat(700 - 64) + "\"");
        assertThat(large.body().getBytes(StandardCharsets.UTF_8).length).isBetween(Signal.MOST * 9 / 10, Signal.MOST);
        Signal plain = new Signal("node-b", channel, "who-is-there", "");
        b.signal(large);
        b.signal(plain);

        for (Recorder feed : List.of(feedA, feedB)) {
            eventually(() -> feed.signals(channel).size() == 2);
            assertThat(feed.signals(channel)).containsExactly(large, plain);
        }
    }

    @Test
    void whoStartsLaterHearsWhatComesFromThenOn() throws Exception {
        publishMany(a, 3);
        Recorder late = new Recorder();
        started(late);
        publish(b, "4");

        eventually(() -> !late.of(channel).isEmpty());
        assertThat(late.offsets(channel)).containsExactly(4L);
    }

    @Test
    void aClosedNodeRefusesAndHearsNothingMore() {
        publish(a, "1");
        eventually(() -> feedA.of(channel).size() == 1);
        a.close();

        assertThat(reason(a.publish(new Draft(channel, "2")))).isEqualTo(Reason.UNAVAILABLE);
        assertThat(reason(a.history(channel, Query.top()))).isEqualTo(Reason.UNAVAILABLE);
        assertThat(reason(a.forget(channel))).isEqualTo(Reason.UNAVAILABLE);
        assertThat(reason(a.replace(channel, 1, "{}"))).isEqualTo(Reason.UNAVAILABLE);
        a.signal(new Signal("a", channel, "typing", "{}"));
        assertThat(publish(b, "3").offset()).isEqualTo(2);
        eventually(() -> feedB.of(channel).size() == 2);
        assertThat(feedA.of(channel)).hasSize(1);
        a.close();
    }

    @Test
    void aNodeThatIsClosedWhileItPublishesAnswersEverythingAndNothingAcknowledgedIsLost() throws Exception {
        List<CompletionStage<Position>> answers = new ArrayList<>();
        ExecutorService publisher = Executors.newSingleThreadExecutor();
        CompletableFuture<Void> many = new CompletableFuture<>();
        publisher.execute(() -> {
            for (int i = 0; i < 3_000; i++) {
                answers.add(a.publish(new Draft(channel, "" + i)));
                if (i == 1_000) {
                    many.complete(null);
                }
            }
        });
        many.get(60, TimeUnit.SECONDS);
        long start = System.nanoTime();
        a.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        publisher.shutdown();
        assertThat(publisher.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

        Set<Long> acknowledged = new HashSet<>();
        for (CompletionStage<Position> answer : answers) {
            try {
                acknowledged.add(
                        answer.toCompletableFuture().get(60, TimeUnit.SECONDS).offset());
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(BrokerException.class);
            }
        }
        publish(b, "\"last\"");
        eventually(() -> feedB.data(channel).contains("\"last\""));
        History kept = history(b, Query.after(0, 5_000));
        assertThat(feedB.of(channel)).isEqualTo(kept.publications());
        assertThat(feedB.offsets(channel))
                .isEqualTo(offsets(1, kept.publications().size()));
        assertThat(feedB.offsets(channel)).containsAll(acknowledged);
        assertThat(feedB.data(channel)).doesNotHaveDuplicates();
    }

    protected Position publish(Broker broker, String data) {
        return join(broker.publish(new Draft(channel, data)));
    }

    /** Publishes 1, 2, 3 … */
    protected Position publishMany(Broker broker, int count) {
        Position last = Position.NONE;
        for (int i = 1; i <= count; i++) {
            last = publish(broker, "" + i);
        }
        return last;
    }

    /** Publishes texts of {@link #LARGE_BYTES} in UTF-8, of half as many characters. */
    protected void publishLarge(int count) {
        String large = "\"" + "é".repeat(LARGE_BYTES / 2 - 1) + "\"";
        List<CompletionStage<Position>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(a.publish(new Draft(channel, large)));
        }
        answers.forEach(BrokerContract::join);
    }

    protected Draft keyed(String data, String key) {
        return new Draft(channel, "", data, "", key);
    }

    protected History history(Broker broker, Query query) {
        return join(broker.history(channel, query));
    }

    protected List<Long> read(Broker broker, Query query) {
        return history(broker, query).publications().stream()
                .map(one -> one.position().offset())
                .toList();
    }

    protected static List<Long> offsets(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    protected static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Why it failed; it must. */
    protected static Reason reason(CompletionStage<?> stage) {
        try {
            stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
            throw new AssertionError("did not fail");
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(BrokerException.class);
            return ((BrokerException) Objects.requireNonNull(e.getCause())).reason();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Work of one of several threads. */
    protected interface Work {
        void run(int thread) throws Exception;
    }

    protected static void inParallel(int threads, Work work) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            IntFunction<CompletableFuture<Void>> start = thread -> CompletableFuture.runAsync(
                    () -> {
                        try {
                            work.run(thread);
                        } catch (Exception e) {
                            throw new CompletionException(e);
                        }
                    },
                    executor);
            List<CompletableFuture<Void>> all =
                    IntStream.range(0, threads).mapToObj(start).toList();
            all.forEach(one -> one.orTimeout(120, TimeUnit.SECONDS).join());
        } finally {
            executor.shutdownNow();
        }
    }
}
