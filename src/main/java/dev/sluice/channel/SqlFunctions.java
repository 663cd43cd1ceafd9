package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.db.Database;
import dev.sluice.http.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Calls the functions of a settings file on the state database. Thread-safe. */
final class SqlFunctions implements PermissionFunctions {
    private static final int TIMEOUT_SECONDS = 5;
    /** Connections in use at most: functions that are slow must not take them all from sign-in. */
    private static final int CONNECTIONS = 4;

    /** PostgreSQL's undefined_table, undefined_function and undefined_object. */
    private static final Set<String> UNDEFINED = Set.of("42P01", "42883", "42704");

    private final Database database;
    private final Semaphore connections = new Semaphore(CONNECTIONS, true);

    SqlFunctions(Database database) {
        this.database = database;
    }

    @Override
    public boolean ask(String function, Caller caller, String channel) throws SQLException, InterruptedException {
        if (!connections.tryAcquire(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new SQLTransientConnectionException("too many permission functions are running");
        }
        try {
            return database.call(connection -> ask(connection, function, caller, channel));
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            connections.release();
        }
    }

    /** What the function calls by a bare name is not found, however well that works in psql. */
    private static SQLException explained(SQLException error) {
        return UNDEFINED.contains(String.valueOf(error.getSQLState()))
                ? new SQLException(
                        error.getMessage()
                                + " (functions run with search_path = pg_catalog: name the schemas, or give the"
                                + " function a search_path of its own)",
                        error.getSQLState(),
                        error)
                : error;
    }

    private static boolean ask(Connection connection, String function, Caller caller, String channel)
            throws SQLException {
        // The name of the function is the operator's, with its schema: letters, digits, underscores and a dot.
        String sql = "SELECT " + function + "(?, ?::jsonb, ?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setQueryTimeout(TIMEOUT_SECONDS);
            statement.setString(1, caller.subject());
            statement.setString(2, Json.text(caller.claims()));
            statement.setString(3, channel);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
