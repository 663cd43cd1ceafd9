package dev.sluice.broker.postgres;

import dev.sluice.broker.Retention;
import dev.sluice.db.Database;
import dev.sluice.db.Migrations;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.support.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A database with the tables of channels, and brokers on it. For one thread; closed with all it has made. */
final class BrokerDatabase implements AutoCloseable {
    private static final Instant BEGIN = Instant.parse("2026-11-21T10:00:00Z");
    private static final long BEGIN_NANOS = System.nanoTime();
    static final InstantSource TICKS = () -> BEGIN.plusNanos(System.nanoTime() - BEGIN_NANOS);

    private static final int MOST_CHANNELS = 100_000;
    private static final Duration LEASE = Duration.ofSeconds(5);

    private final TestDatabase database;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Database pool;

    BrokerDatabase(TestDatabase database) {
        this.database = database;
        this.pool = open(settings(database.jdbcUrl()));
        Migrations.run(Database.unpooled("start", settings(database.jdbcUrl())), "sluice", "db/migration");
    }

    static BrokerDatabase create() {
        return new BrokerDatabase(TestDatabase.create());
    }

    TestDatabase database() {
        return database;
    }

    DatabaseSettings settings(String url) {
        return new DatabaseSettings(
                Optional.of(url),
                Optional.of(database.user()),
                Optional.of(database.password()),
                5,
                Duration.ofSeconds(15));
    }

    /** Not yet started; to be closed by the caller before this. */
    PostgresBroker broker(Function<String, Retention> retention) {
        return broker(pool, settings(database.jdbcUrl()), LEASE, retention, new SimpleMeterRegistry());
    }

    /** The same through a proxy, with a pool of its own. */
    PostgresBroker brokerAt(int port, Duration lease, Function<String, Retention> retention) {
        DatabaseSettings settings = settings("jdbc:postgresql://127.0.0.1:" + port + "/" + database.name());
        return broker(open(settings), settings, lease, retention, new SimpleMeterRegistry());
    }

    PostgresBroker broker(Function<String, Retention> retention, SimpleMeterRegistry metrics) {
        return broker(pool, settings(database.jdbcUrl()), LEASE, retention, metrics);
    }

    /** The same with a limit of channels, and another clock for durations. */
    PostgresBroker broker(Function<String, Retention> retention, int mostChannels, InstantSource ticks) {
        return new PostgresBroker(
                pool, settings(database.jdbcUrl()), LEASE, retention, mostChannels, ticks, new SimpleMeterRegistry());
    }

    private static PostgresBroker broker(
            Database pool,
            DatabaseSettings direct,
            Duration lease,
            Function<String, Retention> retention,
            SimpleMeterRegistry metrics) {
        return new PostgresBroker(pool, direct, lease, retention, MOST_CHANNELS, TICKS, metrics);
    }

    /** As the broker uses it for short statements. */
    Database pool() {
        return pool;
    }

    Session session() throws SQLException {
        return Session.open("test", settings(database.jdbcUrl()), Duration.ZERO);
    }

    private Database open(DatabaseSettings settings) {
        Database made = Database.open("state", settings, Duration.ofSeconds(5), new SimpleMeterRegistry());
        open.push(made);
        return made;
    }

    void execute(String... statements) {
        database.execute(statements);
    }

    /** The values of a query's one column. */
    List<String> query(String sql) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (result.next()) {
                values.add(String.valueOf(result.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The one value of a query. */
    String value(String sql) {
        return query(sql).get(0);
    }

    @Override
    public void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        database.close();
    }
}
