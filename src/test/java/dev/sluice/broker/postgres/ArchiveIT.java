package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.History;
import dev.sluice.broker.Retention;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of readings that wait for the database. */
class ArchiveIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String CHANNEL = "some:a";

    private final BrokerDatabase database = BrokerDatabase.create();
    private volatile Instant now = Instant.parse("2026-11-21T10:00:00Z");
    private final Archive archive =
            new Archive(database.pool(), channel -> new Retention(10, Duration.ofHours(1)), () -> now);

    @AfterEach
    void drop() throws Exception {
        archive.close();
        database.close();
    }

    @Test
    void whatHasWaitedTooLongIsNotBegunAndWhatCameLaterIs() throws Exception {
        List<CompletableFuture<History>> begun;
        CompletableFuture<History> late;
        CompletableFuture<Void> forgetting;
        CompletableFuture<History> fresh;
        try (Connection lock = lockedChannels()) {
            begun = read(Archive.THREADS);
            await().atMost(LONG).until(() -> waitForLock() == Archive.THREADS);
            late = read();
            forgetting = archive.forget(CHANNEL).toCompletableFuture();
            now = now.plus(Archive.PATIENCE).plusMillis(1);
            fresh = read();
            lock.rollback();
        }
        for (CompletableFuture<History> one : begun) {
            assertThat(get(one).publications()).isEmpty();
        }
        assertThat(reason(late)).isEqualTo(Reason.UNAVAILABLE);
        assertThat(reason(forgetting)).as("nothing was done").isEqualTo(Reason.UNAVAILABLE);
        assertThat(get(fresh).publications()).isEmpty();
    }

    @Test
    void whatThereIsNoRoomForIsTooMuchWhileTheDatabaseIsThere() throws Exception {
        try (Connection lock = lockedChannels()) {
            read(Archive.THREADS + Archive.MOST_WAITING);
            assertThat(reason(read())).isEqualTo(Reason.OVERLOADED);
            lock.rollback();
        }
    }

    @Test
    void whatThereIsNoRoomForIsUnavailableWhileTheDatabaseIsAway() throws Exception {
        database.database().refuseConnections();
        assertThat(reason(read())).isEqualTo(Reason.UNAVAILABLE);
        read(Archive.THREADS + Archive.MOST_WAITING);
        assertThat(reason(read())).isEqualTo(Reason.UNAVAILABLE);
        database.database().allowConnections();
    }

    private Connection lockedChannels() throws SQLException {
        Connection connection = database.database().connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE sluice.channel");
        }
        return connection;
    }

    private int waitForLock() {
        return Integer.parseInt(database.value("SELECT count(*) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND wait_event_type = 'Lock'"));
    }

    private CompletableFuture<History> read() {
        return archive.history(CHANNEL, History.Query.top()).toCompletableFuture();
    }

    private List<CompletableFuture<History>> read(int times) {
        List<CompletableFuture<History>> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            answers.add(read());
        }
        return answers;
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    private static Reason reason(CompletableFuture<?> answer) throws Exception {
        try {
            get(answer);
            throw new AssertionError("did not fail");
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(BrokerException.class);
            return ((BrokerException) Objects.requireNonNull(e.getCause())).reason();
        }
    }
}
