package dev.sluice.export;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final InstantSource clock;
    private @Nullable PGConnection session;
    private @Nullable Instant cancelled;

    Cancellation(InstantSource clock) {
        this.clock = clock;
    }

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
        if (cancelled != null) {
            throw new SQLException("The export was cancelled", QUERY_CANCELED);
        }
    }

    /** Cancels; opens a connection to the server for that, and so may block for a moment. */
    synchronized void cancel() {
        if (cancelled == null) {
            cancelled = clock.instant();
        }
        if (session == null) {
            return;
        }
        try {
            if (Duration.between(cancelled, clock.instant()).compareTo(PATIENCE) < 0) {
                session.cancelQuery();
            } else {
                LOG.warn("A database does not answer: the connection of an export is broken off");
                ((Connection) session).abort(Runnable::run);
            }
        } catch (SQLException e) {
            LOG.debug("A session could not be cancelled", e);
        }
    }
}
