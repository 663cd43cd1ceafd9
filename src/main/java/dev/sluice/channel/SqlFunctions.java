package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.db.Database;
import dev.sluice.http.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Calls the functions of a settings file on the state database. Thread-safe. */
final class SqlFunctions implements PermissionFunctions {
    private static final int TIMEOUT_SECONDS = 5;
    /** Connections in use at most: functions that are slow must not take them all from sign-in. */
    private static final int CONNECTIONS = 4;

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
        } finally {
            connections.release();
        }
    }

    private static boolean ask(Connection connection, String function, Caller caller, String channel)
            throws SQLException {
        // The name of the function is the operator's, and has letters, digits, underscores and a dot only.
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
