package dev.sluice.export;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one listing asks the databases with: one connection to each that it needs, from the first need to the end. Used by
 * one thread, closed once.
 */
final class CatalogueSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueSession.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Map<ExportDatabase, Connection> connections = new HashMap<>();

    /** The connection to this database, in a transaction of its own; what was begun before has ended. */
    Connection begin(ExportDatabase database) throws SQLException {
        Connection connection = connections.get(database);
        if (connection == null) {
            connection = database.connection();
            connections.put(database, connection);
            // Longer than a statement may take: a server that says nothing for so long is gone. The pool resets it.
            connection.setNetworkTimeout(
                    Runnable::run, (int) TIMEOUT.multipliedBy(2).toMillis());
        } else {
            connection.rollback();
        }
        PinnedSession.begin(connection, TIMEOUT);
        return connection;
    }

    @Override
    public void close() {
        connections.values().forEach(CatalogueSession::giveBack);
    }

    private static void giveBack(Connection connection) {
        try (connection) {
            connection.rollback();
        } catch (SQLException e) {
            LOG.debug("The connection was lost before it was given back", e);
        }
    }
}
