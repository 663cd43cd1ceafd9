package dev.sluice.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sluice.settings.DatabaseSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One PostgreSQL. Thread-safe; closed once, by who opened it.
 *
 * <p>The driver is handed over as a data source: the driver manager would see it through two class loaders, the
 * launcher's and the web application's.
 */
public final class Database implements AutoCloseable {
    /** For the first connection of a start. */
    private static final int START_SECONDS = 20;

    private final DataSource source;
    private final Runnable close;

    private Database(DataSource source, Runnable close) {
        this.source = source;
        this.close = close;
    }

    /** Work with a connection. */
    @FunctionalInterface
    public interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /**
     * Opens a pool, for requests: a database that falls silent is given up after {@link DatabaseSettings#timeout}. No
     * connection is made before it is asked for.
     *
     * @param name name of the pool in metrics and logs, and of its sessions in {@code pg_stat_activity}
     * @param acquireTimeout how long a borrower waits for a connection
     */
    public static Database open(
            String name, DatabaseSettings settings, Duration acquireTimeout, MeterRegistry metrics) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(requestSource(name, settings));
        config.setMaximumPoolSize(settings.poolSize());
        config.setMinimumIdle(1);
        config.setConnectionTimeout(acquireTimeout.toMillis());
        config.setInitializationFailTimeout(-1);
        config.setMetricRegistry(metrics);
        HikariDataSource pool = new HikariDataSource(config);
        return new Database(pool, pool::close);
    }

    /** The same without a pool and with all the time in the world, for migrations and the like. */
    public static Database unpooled(String name, DatabaseSettings settings) {
        return new Database(stateSource(name, settings), () -> {});
    }

    /**
     * Connects once, and not for long.
     *
     * @throws SQLException when that does not work
     */
    public static void requireReachable(DatabaseSettings settings) throws SQLException {
        PGSimpleDataSource source = configured(new PostgresSource(new ConnectionWatch(""), false), "start", settings);
        source.setSocketTimeout(START_SECONDS);
        source.getConnection().close();
    }

    /** A data source for a pool, without a time limit; its sessions are as the database gives them. */
    public static PGSimpleDataSource source(String name, DatabaseSettings settings) {
        return configured(new PostgresSource(watch(name, settings), false), name, settings);
    }

    /**
     * A data source of single sessions on the state, without a time limit, with the settings that its statements count on.
     * Who opens them tells operators when that does not work.
     */
    public static PGSimpleDataSource stateSource(String name, DatabaseSettings settings) {
        return configured(new PostgresSource(new ConnectionWatch(""), true), name, settings);
    }

    private static PGSimpleDataSource requestSource(String name, DatabaseSettings settings) {
        PGSimpleDataSource source = configured(new PostgresSource(watch(name, settings), true), name, settings);
        source.setSocketTimeout(
                Math.toIntExact(settings.timeout().plusMillis(999).toSeconds()));
        return source;
    }

    private static ConnectionWatch watch(String name, DatabaseSettings settings) {
        return new ConnectionWatch("database of the pool " + name + ", " + address(settings) + ",");
    }

    /** The address without what may be secret in it. */
    public static String address(DatabaseSettings settings) {
        return settings.url().orElse("").replaceAll("\\?.*", "");
    }

    private static PGSimpleDataSource configured(PGSimpleDataSource source, String name, DatabaseSettings settings) {
        source.setURL(settings.url().orElseThrow());
        settings.user().ifPresent(source::setUser);
        settings.password().ifPresent(source::setPassword);
        source.setApplicationName("sluice-" + name);
        source.setConnectTimeout(10);
        source.setTcpKeepAlive(true);
        source.setLogUnclosedConnections(false);
        return source;
    }

    public Connection connection() throws SQLException {
        return source.getConnection();
    }

    /** Runs work that commits by itself, statement by statement. */
    public <T> T call(Work<T> work) throws SQLException {
        try (Connection connection = connection()) {
            return work.with(connection);
        }
    }

    /** Runs work in one transaction: committed when it returns, rolled back when it throws. */
    public <T> T transaction(Work<T> work) throws SQLException {
        try (Connection connection = connection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.with(connection);
                connection.commit();
                return result;
            } catch (Throwable error) {
                connection.rollback();
                throw error;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    /** For migrations. */
    DataSource source() {
        return source;
    }

    @Override
    public void close() {
        close.run();
    }
}
