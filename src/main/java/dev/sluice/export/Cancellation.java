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
        if (Duration.between(cancelled, clock.instant()).compareTo(PATIENCE) < 0) {
            interrupt();
        } else {
            abort();
        }
    }

    /** Ends the statement that runs and not the export; may block for a moment, too. */
    synchronized void interrupt() {
        if (session != null) {
            try {
                session.cancelQuery();
            } catch (SQLException e) {
                LOG.debug("A session could not be cancelled", e);
            }
        }
    }

    /** Breaks the connection off; its pool makes another one. */
    synchronized void abort() {
        if (session != null) {
            LOG.warn("A database does not answer: the connection of an export is broken off");
            try {
                ((Connection) session).abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("A connection could not be broken off", e);
            }
        }
    }
}
