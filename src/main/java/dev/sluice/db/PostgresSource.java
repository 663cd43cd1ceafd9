package dev.sluice.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The driver's connections, watched, and where they are Sluice's own with the session settings its statements count on,
 * whatever an administrator gave the role or the database. Thread-safe once it is set up.
 *
 * <p>By statements and not in the startup packet: poolers between take no {@code options} there.
 */
final class PostgresSource extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    /** PostgreSQL's query_canceled: also what a role's time-out of a millisecond does to the first statements. */
    private static final String CANCELLED = "57014";

    private static final int ATTEMPTS = 20;
    private static final int FIRST_WITH_TRANSACTION_TIMEOUT = 17;

    private static final String PINS = String.join(
            "; ",
            // The time-outs first, so that they do not cut what follows.
            "SET statement_timeout = 0",
            "SET lock_timeout = 0",
            "SET idle_in_transaction_session_timeout = 0",
            "SET idle_session_timeout = 0",
            "SET default_transaction_read_only = off",
            "SET default_transaction_isolation = 'read committed'",
            "SET default_transaction_deferrable = off",
            "SET search_path = 'pg_catalog'",
            "SET standard_conforming_strings = on",
            "SET IntervalStyle = 'postgres'",
            "SET array_nulls = on",
            "SET transform_null_equals = off",
            "SET row_security = on",
            // What is acknowledged is on the disk; one that waits for standbys as well may stay.
            "SELECT set_config('synchronous_commit', 'on', false)"
                    + " WHERE current_setting('synchronous_commit') = 'off'");

    private final transient ConnectionWatch watch;
    private final boolean pinned;

    /**
     * @param watch is told of every attempt
     * @param pinned whether sessions get settings of ours
     */
    PostgresSource(ConnectionWatch watch, boolean pinned) {
        this.watch = watch;
        this.pinned = pinned;
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        try {
            Connection connection = open(user, password);
            watch.succeeded();
            return connection;
        } catch (SQLException e) {
            watch.failed(e);
            throw e;
        }
    }

    /** The driver's first statements, and our first, run under the role's own time-outs: only luck makes them fit. */
    private Connection open(@Nullable String user, @Nullable String password) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                Connection connection = super.getConnection(user, password);
                return pinned ? pin(connection) : connection;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !CANCELLED.equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private static Connection pin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(PINS);
            if (connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_TRANSACTION_TIMEOUT) {
                statement.execute("SET transaction_timeout = 0");
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
