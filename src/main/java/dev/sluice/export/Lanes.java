package dev.sluice.export;

import dev.sluice.settings.ExportSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses in which way an export's rows leave the database. COPY is the faster one. The cursor is for what COPY does worse:
 *
 * <ul>
 *   <li>few rows, and rows that come slowly: a backend keeps what it copies until it has 8 KiB of it, a cursor's rows come
 *       as they are found;
 *   <li>values that the planner must know to plan well: COPY reads them from settings, which it evaluates for each row
 *       where no index does, and which keep a pattern from becoming an index range.
 * </ul>
 *
 * Used by one thread, for one export.
 */
final class Lanes {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
    /** Below this a result is over so soon that the lane makes no difference to its end, and a great one to its start. */
    private static final long FEW_BYTES = 64 * 1024;
    /** What the planner's cost may grow by when values become settings. */
    private static final double COSTLIER = 1.2;
    /** How long a COPY may take to its first rows where the planner expects none to wait for another. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private final ExportSettings limits;
    private final Cancellation cancellation;
    private final Executor workers;

    Lanes(ExportSettings limits, Cancellation cancellation, Executor workers) {
        this.limits = limits;
        this.cancellation = cancellation;
        this.workers = workers;
    }

    /**
     * Executes; the first rows are here when it returns.
     *
     * @param expected of the statement
     */
    RowSource open(Connection connection, Statement select, List<OutputColumn> columns, Estimate expected)
            throws SQLException {
        return switch (limits.lane()) {
            case CURSOR -> cursor(connection, select, columns);
            case COPY -> copy(connection, select, columns);
            case AUTO -> auto(connection, select, columns, expected);
        };
    }

    private RowSource auto(Connection connection, Statement select, List<OutputColumn> columns, Estimate expected)
            throws SQLException {
        if (isSmall(expected)) {
            return cursor(connection, select, columns);
        }
        PinnedSession.beforeCopy(connection, select);
        Statement settled = select.withSettings();
        if (!select.values().isEmpty() && isCostlier(Describer.estimate(connection, settled), expected)) {
            return cursor(connection, select, columns);
        }
        CopySource copy = start(connection, settled, columns);
        if (begins(copy, patience(expected))) {
            return copy;
        }
        LOG.debug("Rows come slowly: the COPY is given up for a cursor");
        copy.close();
        PinnedSession.undoCopy(connection);
        return cursor(connection, select, columns);
    }

    static boolean isSmall(Estimate expected) {
        return (double) expected.rows() * expected.width() < FEW_BYTES;
    }

    static boolean isCostlier(Estimate withSettings, Estimate withValues) {
        return withSettings.total() > COSTLIER * withValues.total();
    }

    /** None is needed where the first row waits for most of the work: the others then come at once. */
    static Duration patience(Estimate expected) {
        return expected.start() > expected.total() / 2 ? Duration.ZERO : PATIENCE;
    }

    private static boolean begins(CopySource copy, Duration atMost) throws SQLException {
        boolean failed = true;
        try {
            boolean begun = copy.begins(atMost);
            failed = false;
            return begun;
        } finally {
            if (failed) {
                copy.close();
            }
        }
    }

    private RowSource copy(Connection connection, Statement select, List<OutputColumn> columns) throws SQLException {
        PinnedSession.beforeCopy(connection, select);
        CopySource copy = start(connection, select.withSettings(), columns);
        begins(copy, Duration.ZERO);
        return copy;
    }

    private CopySource start(Connection connection, Statement settled, List<OutputColumn> columns) throws SQLException {
        return new CopySource(connection, settled, columns.size(), cancellation, workers);
    }

    private RowSource cursor(Connection connection, Statement select, List<OutputColumn> columns) throws SQLException {
        PinnedSession.statementTimeout(connection, limits.statementTimeout());
        return new CursorSource(connection, select, columns, cancellation, workers);
    }
}
