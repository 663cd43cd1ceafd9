package dev.sluice.export;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what an export does in the database, whatever that is at the moment. It cancels the session and not a statement:
 * the driver does not know a statement as running while it fetches. Thread-safe: the export says when its session begins
 * and is over, anybody may cancel in between, as often as he likes; a cancel that found nothing to do is lost.
 */
final class Cancellation {
    private static final Logger LOG = LoggerFactory.getLogger(Cancellation.class);
    /** PostgreSQL's query_canceled. */
    private static final String QUERY_CANCELED = "57014";

    private @Nullable PGConnection session;
    private boolean cancelled;

    /** The export works with this connection from now on. */
    synchronized void on(Connection connection) throws SQLException {
        session = connection.unwrap(PGConnection.class);
        check();
    }

    /** The connection may be somebody else's from now on; waits for a cancel that is under way. */
    synchronized void over() {
        session = null;
    }

    synchronized void check() throws SQLException {
        if (cancelled) {
            throw new SQLException("The export was cancelled", QUERY_CANCELED);
        }
    }

    /** Cancels; opens a connection to the server for that, and so may block for a moment. */
    synchronized void cancel() {
        cancelled = true;
        if (session != null) {
            try {
                session.cancelQuery();
            } catch (SQLException e) {
                LOG.debug("A session could not be cancelled", e);
            }
        }
    }
}
