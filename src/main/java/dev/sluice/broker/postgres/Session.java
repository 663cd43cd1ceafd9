package dev.sluice.broker.postgres;

import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A connection of the broker's own, past any pool: advisory locks, LISTEN and the lease need one session of the server.
 * Used by one thread; closed by it, or aborted by any.
 */
final class Session implements AutoCloseable {
    /** Names the lock of the leader: {@code sluice} in ASCII. */
    private static final long LEADER = 0x736c75696365L;

    private static final int CONNECT_SECONDS = 5;

    /**
     * Beside what holds for all sessions of the state: plans that stay right while tables grow from nothing, whatever the
     * statistics say. What falls silent for longer than the lease is ended by the server, and its lock with it.
     */
    private static final String SETTINGS = """
            SET enable_seqscan = off;
            SET enable_nestloop = off;
            SET plan_cache_mode = force_generic_plan;
            SET jit = off;
            SET statement_timeout = '30s';
            SET idle_session_timeout = %d;
            SET tcp_user_timeout = 10000;
            SET tcp_keepalives_idle = 5;
            SET tcp_keepalives_interval = 2;
            SET tcp_keepalives_count = 3;
            """;

    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    /** @param lease how long the session may be silent before the server ends it; zero = for ever */
    static Session open(String name, DatabaseSettings settings, Duration lease) throws SQLException {
        PGSimpleDataSource source = Database.stateSource(name, settings);
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setLoginTimeout(2 * CONNECT_SECONDS);
        source.setSocketTimeout(Math.toIntExact(settings.timeout().toSeconds()));
        source.setPrepareThreshold(1);
        Connection connection = source.getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute(SETTINGS.formatted(lease.toMillis()));
            return new Session(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    java.sql.Array array(String type, Object[] values) throws SQLException {
        return connection.createArrayOf(type, values);
    }

    PGConnection driver() throws SQLException {
        return connection.unwrap(PGConnection.class);
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Takes the lead if nobody has it. It ends with this session, however that ends. */
    boolean tryToLead() throws SQLException {
        try (PreparedStatement lock = prepare("SELECT pg_try_advisory_lock(?)")) {
            lock.setLong(1, LEADER);
            try (ResultSet result = lock.executeQuery()) {
                result.next();
                return result.getBoolean(1);
            }
        }
    }

    /** Ends whatever goes on in it, at once. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            throw new IllegalStateException("a connection could not be aborted", e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
