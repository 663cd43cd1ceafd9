package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Publication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever transactions do, each committed row of the outbox comes into the stream once, in the order of its
 * transaction, without a gap in the offsets, and no pass leaves one behind.
 */
abstract class SequencerContract {
    private static final boolean FULL = Boolean.getBoolean("sluice.test.full");
    private static final int WRITERS = 8;
    private static final int TRANSACTIONS = FULL ? 2_000 : 60;
    private static final int CHANNELS = 5;
    /** Small, so that a pass takes several statements. */
    private static final int BATCH = 7;

    private BrokerDatabase database;

    abstract BrokerDatabase database();

    @BeforeEach
    void create() {
        database = database();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    /** The rows of one committed transaction, by channel. */
    private record Committed(Map<String, List<String>> rows) {}

    @Test
    void nothingIsLostRepeatedOrOutOfOrder() throws Exception {
        boolean canPrepare = !database.value("SHOW max_prepared_transactions").equals("0");
        Set<Committed> committed = ConcurrentHashMap.newKeySet();
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        List<Future<Void>> writing = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            int writer = w;
            Callable<Void> work = () -> {
                write(writer, canPrepare, committed);
                return null;
            };
            writing.add(writers.submit(work));
        }
        writers.shutdown();
        List<Row> stream = new ArrayList<>();
        try (Session session = database.session()) {
            Sequencer sequencer = new Sequencer(session, BATCH);
            while (!writers.isTerminated()) {
                stream.addAll(sequencer.step().rows());
                if (!sequencer.isInPass()) {
                    assertThat(sequencer.sweep())
                            .as("rows that a pass left behind")
                            .isZero();
                }
            }
            for (Future<Void> one : writing) {
                one.get(60, TimeUnit.SECONDS);
            }
            do {
                stream.addAll(sequencer.step().rows());
            } while (sequencer.isInPass());
        }
        assertThat(database.value("SELECT count(*) FROM sluice.outbox")).isEqualTo("0");
        assertThat(stream.stream().map(Row::id)).isSorted().doesNotHaveDuplicates();
        check(stream, committed);
    }

    private void check(List<Row> stream, Set<Committed> committed) {
        Map<String, List<String>> seen = new HashMap<>();
        Map<String, List<Long>> offsets = new HashMap<>();
        for (Row row : stream) {
            Publication publication = row.publication();
            seen.computeIfAbsent(publication.channel(), c -> new ArrayList<>()).add(publication.data());
            offsets.computeIfAbsent(publication.channel(), c -> new ArrayList<>())
                    .add(publication.position().offset());
        }
        offsets.forEach((channel, all) -> assertThat(all)
                .isEqualTo(LongStream.rangeClosed(1, all.size()).boxed().toList()));
        Map<String, Set<String>> all = new HashMap<>();
        for (Committed one : committed) {
            one.rows().forEach((channel, rows) -> {
                assertThat(seen.get(channel)).containsSubsequence(rows);
                all.computeIfAbsent(channel, c -> ConcurrentHashMap.newKeySet()).addAll(rows);
            });
        }
        seen.forEach((channel, rows) ->
                assertThat(rows).doesNotHaveDuplicates().hasSameElementsAs(all.getOrDefault(channel, Set.of())));
    }

    private void write(int writer, boolean canPrepare, Set<Committed> committed) throws Exception {
        Random random = new Random(writer);
        try (Connection connection = database.database().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int t = 0; t < TRANSACTIONS; t++) {
                Map<String, List<String>> rows = new LinkedHashMap<>();
                String name = writer + "." + t;
                for (int step = 1 + random.nextInt(6); step > 0; step--) {
                    work(connection, statement, random, name + "." + step, rows);
                }
                if (end(connection, statement, random, canPrepare, "t" + name)) {
                    committed.add(new Committed(rows));
                }
            }
        }
    }

    /** Publishes, perhaps within a savepoint, which perhaps is rolled back; perhaps waits. */
    private static void work(
            Connection connection, Statement statement, Random random, String name, Map<String, List<String>> rows)
            throws Exception {
        if (random.nextInt(3) == 0) {
            Thread.sleep(random.nextInt(8));
        }
        Optional<Savepoint> savepoint =
                random.nextInt(3) == 0 ? Optional.of(connection.setSavepoint()) : Optional.empty();
        Map<String, String> published = new LinkedHashMap<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            String channel = "c:" + random.nextInt(CHANNELS);
            String data = "\"" + name + "." + i + "\"";
            statement.execute("SELECT sluice.publish('" + channel + "', '" + data + "')");
            published.merge(channel, data, (before, after) -> before + " " + after);
        }
        if (savepoint.isPresent() && random.nextBoolean()) {
            connection.rollback(savepoint.get());
        } else {
            published.forEach((channel, all) ->
                    rows.computeIfAbsent(channel, c -> new ArrayList<>()).addAll(List.of(all.split(" "))));
        }
    }

    private static boolean end(
            Connection connection, Statement statement, Random random, boolean canPrepare, String name)
            throws Exception {
        if (random.nextInt(5) == 0) {
            connection.rollback();
            return false;
        }
        if (canPrepare && random.nextInt(4) == 0) {
            return endPrepared(connection, statement, random, name);
        }
        connection.commit();
        return true;
    }

    private static boolean endPrepared(Connection connection, Statement statement, Random random, String name)
            throws Exception {
        boolean commits = random.nextInt(4) > 0;
        statement.execute("PREPARE TRANSACTION '" + name + "'");
        connection.setAutoCommit(true);
        Thread.sleep(random.nextInt(8));
        statement.execute((commits ? "COMMIT" : "ROLLBACK") + " PREPARED '" + name + "'");
        connection.setAutoCommit(false);
        return commits;
    }

    @Test
    void aRowThatAPassLeftBehindIsCountedAndTaken() throws Exception {
        try (Session session = database.session()) {
            Sequencer sequencer = new Sequencer(session, BATCH);
            sequencer.step();
            assertThat(sequencer.sweep()).isZero();
            database.execute(
                    "INSERT INTO sluice.outbox (xid, channel, event, data, info) VALUES ('3', 'c:1', '', '1', '')");
            assertThat(sequencer.step().rows()).isEmpty();
            assertThat(sequencer.sweep()).isEqualTo(1);
            assertThat(sequencer.step().rows()).hasSize(1);
            assertThat(sequencer.sweep()).isZero();
        }
    }

    @Test
    void whatHasTheSameKeyIsTakenOnceInOneBatchAndInSeveral() throws Exception {
        String publish = "SELECT sluice.publish('c:1', '%s', '%s')";
        try (Session session = database.session()) {
            Sequencer sequencer = new Sequencer(session, BATCH);
            database.execute(publish.formatted(1, "a"), publish.formatted(2, "a"), publish.formatted(3, "b"));
            assertThat(data(sequencer.step())).containsExactly("1", "3");
            database.execute(publish.formatted(4, "b"), publish.formatted(5, ""), publish.formatted(6, ""));
            Sequencer.Step second = sequencer.step();
            assertThat(data(second)).containsExactly("5", "6");
            assertThat(second.taken()).isEqualTo(3);
            database.execute(
                    "UPDATE sluice.idempotency SET created = created - interval '6 min'", publish.formatted(7, "a"));
            Sequencer.Step third = sequencer.step();
            assertThat(data(third)).containsExactly("7");
            assertThat(third.rows().get(0).publication().position().offset()).isEqualTo(5);
            assertThat(database.value("SELECT chan_offset FROM sluice.idempotency WHERE key = 'a'"))
                    .isEqualTo("5");
        }
    }

    private static List<String> data(Sequencer.Step step) {
        return step.rows().stream().map(row -> row.publication().data()).collect(Collectors.toList());
    }

    @Test
    void oppositeOrdersDoNotWaitForEachOther() throws Exception {
        try (Connection first = transaction();
                Connection second = transaction();
                Session session = database.session()) {
            publish(first, "c:a");
            publish(second, "c:b");
            publish(first, "c:b");
            publish(second, "c:a");
            assertThat(database.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
                    .isEqualTo("0");
            second.commit();
            Sequencer sequencer = new Sequencer(session, BATCH);
            assertThat(channels(sequencer.step())).containsExactly("c:b", "c:a");
            first.commit();
            assertThat(channels(sequencer.step())).containsExactly("c:a", "c:b");
            assertThat(sequencer.sweep()).isZero();
        }
    }

    private static List<String> channels(Sequencer.Step step) {
        return step.rows().stream().map(row -> row.publication().channel()).toList();
    }

    @Test
    void aTransactionThatStaysOpenHoldsNobodyUp() throws Exception {
        try (Connection open = transaction();
                Session session = database.session()) {
            publish(open, "c:slow");
            Sequencer sequencer = new Sequencer(session, BATCH);
            for (int i = 0; i < 3 * BATCH; i++) {
                database.execute("SELECT sluice.publish('c:fast', '1')");
            }
            int rows = 0;
            do {
                rows += sequencer.step().rows().size();
            } while (sequencer.isInPass());
            assertThat(rows).isEqualTo(3 * BATCH);
            open.commit();
            assertThat(channels(sequencer.step())).containsExactly("c:slow");
        }
    }

    @Test
    void whatIsCommittedBehindARunningPassComesInTheNext() throws Exception {
        try (Connection open = transaction();
                Session session = database.session()) {
            publish(open, "c:early");
            for (int i = 0; i <= BATCH; i++) {
                database.execute("SELECT sluice.publish('c:later', '1')");
            }
            Sequencer sequencer = new Sequencer(session, BATCH);
            assertThat(sequencer.step().rows()).hasSize(BATCH);
            open.commit();
            assertThat(sequencer.isInPass()).isTrue();
            assertThat(channels(sequencer.step())).containsExactly("c:later");
            assertThat(sequencer.isInPass()).isFalse();
            assertThat(sequencer.sweep()).isZero();
            assertThat(channels(sequencer.step())).containsExactly("c:early");
        }
    }

    private Connection transaction() throws SQLException {
        Connection connection = database.database().connect();
        connection.setAutoCommit(false);
        return connection;
    }

    private static void publish(Connection connection, String channel) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT sluice.publish('" + channel + "', '1')");
        }
    }
}
