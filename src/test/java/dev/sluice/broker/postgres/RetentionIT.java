package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Draft;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Recorder;
import dev.sluice.broker.Retention;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is deleted of streams, and that nobody can tell it from what is merely no longer shown. */
class RetentionIT {
    private final BrokerDatabase database = BrokerDatabase.create();
    private volatile Instant now = Instant.parse("2026-11-21T10:00:00Z");
    private volatile Duration tick = Duration.ZERO;
    private final Trimmer trimmer = new Trimmer(database.pool(), RetentionIT::retention, this::tick);

    private static Retention retention(String channel) {
        return switch (channel.split(":", 2)[0]) {
            case "none" -> Retention.NOTHING;
            case "small" -> new Retention(3, Duration.ofHours(1));
            default -> new Retention(1000, Duration.ofMinutes(1));
        };
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void whatIsTooMuchGoesOnceAllNodesHadTheTimeToReadIt() throws Exception {
        publish("small:a", 10);
        publish("none:a", 5);
        mark();
        publish("small:a", 1);
        assertThat(trimmer.trim()).isZero();

        now = now.plus(Tail.TRANSIT);
        mark();
        assertThat(trimmer.trim()).isEqualTo(8 + 5);
        assertThat(rows("small:a")).containsExactly("9", "10", "11");
        assertThat(rows("none:a")).isEmpty();

        publish("small:a", 2);
        publish("none:a", 1);
        assertThat(rows("small:a")).containsExactly("9", "10", "11", "12", "13");
        assertThat(rows("none:a")).containsExactly("6");
        assertThat(trimmer.trim()).as("all but the new ones").isEqualTo(2);
        assertThat(rows("small:a")).containsExactly("11", "12", "13");
        assertThat(rows("none:a")).containsExactly("6");
    }

    @Test
    void theTopAndTheEpochOutliveTheLastRow() throws Exception {
        Position last = publish("young:a", 4);
        age("2 min");
        settle();
        assertThat(trimmer.trim()).isEqualTo(4);
        assertThat(rows("young:a")).isEmpty();
        assertThat(history("young:a").top()).isEqualTo(last);
        assertThat(publish("young:a", 1)).isEqualTo(new Position(last.epoch(), 5));
    }

    @Test
    void whatWasForgottenIsDeleted() throws Exception {
        Position last = publish("young:a", 4);
        try (Broker broker = started()) {
            broker.forget("young:a").toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
        publish("young:a", 2);
        settle();
        assertThat(trimmer.trim()).isEqualTo(4);
        assertThat(rows("young:a")).containsExactly("5", "6");
        assertThat(history("young:a").top()).isEqualTo(new Position(last.epoch(), 6));
    }

    @Test
    void aClockThatWasSetBackMakesNoHole() throws Exception {
        publish("young:a", 3);
        database.execute("UPDATE sluice.stream SET created = created - interval '2 min' WHERE chan_offset = 2");
        assertThat(offsets("young:a")).containsExactly(1L, 2L, 3L);
        settle();
        assertThat(trimmer.trim()).isZero();
        database.execute("UPDATE sluice.stream SET created = created - interval '2 min' WHERE chan_offset = 1");
        assertThat(offsets("young:a")).containsExactly(3L);
        assertThat(trimmer.trim()).isEqualTo(2);
    }

    @Test
    void allChannelsHaveTheirTurn() throws Exception {
        database.execute(
                "INSERT INTO sluice.channel (channel, epoch) SELECT 'small:' || n, 'e' FROM generate_series(1, 2500) AS n");
        database.execute(
                "INSERT INTO sluice.stream (channel, chan_offset, epoch, event, data, info)"
                        + " SELECT 'small:' || n, o, 'e', '', '1', '' FROM generate_series(1, 2500) AS n, generate_series(1, 9) AS o");
        settle();
        int gone = 0;
        for (int i = 0; i < 8; i++) {
            gone += trimmer.trim();
        }
        assertThat(gone).isEqualTo(2500 * 6);
        assertThat(database.value("SELECT count(*) FROM sluice.stream WHERE chan_offset < 7"))
                .isEqualTo("0");
    }

    @Test
    void oneRunTakesAllThatIsTooMuchIfItHasTheTime() throws Exception {
        fill("a:hot", 51_000);
        fillKeys(12_000);
        settle();
        assertThat(trimmer.trim()).isEqualTo(50_000);
        assertThat(count("a:hot")).isEqualTo(1_000);
        assertThat(keys()).isZero();
    }

    @Test
    void aHotChannelKeepsNoOtherFromItsTurn() throws Exception {
        fill("a:hot", 51_000);
        fill("a:other", 1_010);
        database.execute("INSERT INTO sluice.channel (channel, epoch)"
                + " SELECT 'm:' || n, 'e' FROM generate_series(1, 2500) AS n");
        fill("z:cold", 1_010);
        fillKeys(51_000);
        settle();
        tick = Trimmer.LONGEST.dividedBy(2);
        for (int i = 0; i < 3; i++) {
            trimmer.trim();
        }
        assertThat(count("a:other")).isEqualTo(1_000);
        assertThat(count("z:cold")).isEqualTo(1_000);
        assertThat(count("a:hot")).isBetween(1_001, 31_000);
        assertThat(keys()).isBetween(1, 31_000);
    }

    @Test
    void whoClosesWaitsForOneBatchAndNotForAll() throws Exception {
        fill("a:hot", 51_000);
        settle();
        Thread.currentThread().interrupt();
        try {
            assertThat(trimmer.trim()).isBetween(1, 10_000);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void oldKeysGo() throws Exception {
        try (Broker broker = started()) {
            broker.publish(new Draft("young:a", "", "1", "", "old"))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            database.execute("UPDATE sluice.idempotency SET created = created - interval '6 min'");
            broker.publish(new Draft("young:a", "", "1", "", "new"))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
        }
        trimmer.trim();
        assertThat(database.query("SELECT key FROM sluice.idempotency")).containsExactly("new");
    }

    @Test
    void anIdleChannelIsForgottenAndItsNextStreamIsAnother() throws Exception {
        Position before = publish("young:idle", 3);
        Position fresh = publish("young:fresh", 2);
        Position kept = publish("small:kept", 2);
        database.execute("UPDATE sluice.stream SET created = created - interval '2 min' WHERE channel LIKE 'young:%'");
        settle();
        trimmer.trim();
        assertThat(retire())
                .as("channels that have been empty for a short while")
                .isZero();
        database.execute(
                "UPDATE sluice.channel SET emptied = now() - interval '8 days' WHERE channel <> 'young:fresh'");
        assertThat(retire()).isEqualTo(1);

        assertThat(history("young:idle").top().offset()).isZero();
        assertThat(history("young:idle").top().epoch()).isNotEqualTo(before.epoch());
        Position after = publish("young:idle", 1);
        assertThat(after.offset()).isEqualTo(1);
        assertThat(after.epoch()).isNotEqualTo(before.epoch());
        assertThat(publish("young:fresh", 1)).isEqualTo(new Position(fresh.epoch(), 3));
        assertThat(publish("small:kept", 1)).isEqualTo(new Position(kept.epoch(), 3));
        assertThat(retire()).isZero();
    }

    @Test
    void aBrokerTrimsByItself() throws Exception {
        try (Broker broker = started()) {
            for (int i = 0; i < 3; i++) {
                broker.publish(new Draft("small:a", "1")).toCompletableFuture().get(60, TimeUnit.SECONDS);
            }
            database.execute("INSERT INTO sluice.idempotency (channel, key, epoch, chan_offset, created)"
                    + " VALUES ('c', 'k', 'e', 1, now() - interval '1 hour')");
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            database.query("SELECT key FROM sluice.idempotency").isEmpty());
        }
    }

    private int retire() throws SQLException {
        try (Session session = database.session()) {
            return new IdleChannels(session, () -> now).retireBatch();
        }
    }

    private Broker started() {
        PostgresBroker broker = database.broker(RetentionIT::retention);
        broker.start(new Recorder());
        return broker;
    }

    private Position publish(String channel, int count) throws Exception {
        try (Broker broker = started()) {
            Position last = Position.NONE;
            for (int i = 0; i < count; i++) {
                last = broker.publish(new Draft(channel, "1"))
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS);
            }
            return last;
        }
    }

    private History history(String channel) throws Exception {
        try (Broker broker = started()) {
            return broker.history(channel, History.Query.after(0, 100))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    private List<Long> offsets(String channel) throws Exception {
        return history(channel).publications().stream()
                .map(one -> one.position().offset())
                .toList();
    }

    private void fill(String channel, int rows) {
        database.execute(
                "INSERT INTO sluice.channel (channel, epoch) VALUES ('" + channel + "', 'e')",
                "INSERT INTO sluice.stream (channel, chan_offset, epoch, event, data, info)" + " SELECT '" + channel
                        + "', n, 'e', '', '1', '' FROM generate_series(1, " + rows + ") AS n");
    }

    private void fillKeys(int keys) {
        database.execute("INSERT INTO sluice.idempotency (channel, key, epoch, chan_offset, created)"
                + " SELECT 'c', n, 'e', n, now() - interval '1 hour' FROM generate_series(1, " + keys + ") AS n");
    }

    private int keys() {
        return Integer.parseInt(database.value("SELECT count(*) FROM sluice.idempotency"));
    }

    private int count(String channel) {
        return Integer.parseInt(database.value("SELECT count(*) FROM sluice.stream WHERE channel = '" + channel + "'"));
    }

    /** Time passes with every look at the clock. */
    private Instant tick() {
        now = now.plus(tick);
        return now;
    }

    private void age(String interval) {
        database.execute("UPDATE sluice.stream SET created = created - interval '" + interval + "'");
    }

    /** All nodes have had the time to read what there is. */
    private void settle() {
        mark();
        now = now.plus(Tail.TRANSIT);
        mark();
    }

    private void mark() {
        trimmer.mark(Long.parseLong(database.value("SELECT coalesce(max(id), 0) FROM sluice.stream")));
    }

    private List<String> rows(String channel) {
        return database.query(
                "SELECT chan_offset FROM sluice.stream WHERE channel = '" + channel + "' ORDER BY chan_offset");
    }
}
