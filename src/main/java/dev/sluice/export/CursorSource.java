package dev.sluice.export;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGResultSetMetaData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows through a portal, a batch at a time, one batch ahead of the encoder: a cursor is served in turns, and so the
 * backend works on the next batch while this one is written down.
 *
 * <p>A batch is sized in bytes, by the largest row of the one before: rows of a megabyte come one by one, small ones by the
 * thousand. Used by one thread at a time; the result set is touched by the fetch alone, and there is one fetch at a time.
 */
final class CursorSource implements RowSource {
    private static final Logger LOG = LoggerFactory.getLogger(CursorSource.class);
    private static final int BINARY_FORMAT = 1;
    private static final long CANCEL_AGAIN_MILLIS = 250;
    private static final int FIRST_BATCH = 1;
    /** How much larger a batch may be than the one before: the next rows may be others than those. */
    private static final int GROWTH = 8;

    private static final int MOST_ROWS = 1000;
    private static final int BATCH_BYTES = 512 * 1024;

    private final PreparedStatement statement;
    private final ResultSet rows;
    private final Cancellation cancellation;
    private final Executor workers;
    private RowBatch current;
    private RowBatch spare;
    private @Nullable CompletableFuture<RowBatch> ahead;
    private int size = FIRST_BATCH;

    /** Executes; the first batch is here when it returns. */
    CursorSource(
            Connection connection,
            Statement select,
            List<OutputColumn> columns,
            Cancellation cancellation,
            Executor workers)
            throws SQLException {
        this.cancellation = cancellation;
        this.workers = workers;
        this.statement = select.prepare(connection);
        this.current = new RowBatch(columns.size());
        this.spare = new RowBatch(columns.size());
        cancellation.check();
        try {
            statement.setFetchSize(FIRST_BATCH);
            this.rows = statement.executeQuery();
            requireBinary(rows, columns);
            current.fill(rows, size);
            fetchAhead();
        } catch (SQLException | MalformedFieldException e) {
            statement.close();
            throw e;
        }
    }

    /** The driver falls back to text in silence, and the text "1234" is a valid int4 of four bytes. */
    private static void requireBinary(ResultSet rows, List<OutputColumn> columns) throws SQLException {
        PGResultSetMetaData metaData = rows.getMetaData().unwrap(PGResultSetMetaData.class);
        for (int i = 0; i < columns.size(); i++) {
            if (Encoders.needsBinary(columns.get(i)) && metaData.getFormat(i + 1) != BINARY_FORMAT) {
                throw new MalformedFieldException("column " + columns.get(i).name() + " came as text");
            }
        }
    }

    @Override
    public Lane lane() {
        return Lane.CURSOR;
    }

    @Override
    public boolean next() throws SQLException {
        while (!current.next()) {
            if (ahead == null) {
                return false;
            }
            take(ahead);
        }
        return true;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // next() takes the outcome, whatever it is
    public boolean wouldBlock(Runnable wakeUp) {
        CompletableFuture<RowBatch> fetched = ahead;
        if (current.hasNext() || fetched == null || fetched.isDone()) {
            return false;
        }
        fetched.whenComplete((batch, error) -> wakeUp.run());
        return true;
    }

    @Override
    public RowFields row() {
        return current;
    }

    private void take(CompletableFuture<RowBatch> fetched) throws SQLException {
        ahead = null;
        RowBatch next = join(fetched);
        spare = current;
        current = next;
        fetchAhead();
    }

    /** The batch in hand tells how wide rows are, and a batch that is not full that there are no more. */
    private void fetchAhead() throws SQLException {
        if (current.rows() < size) {
            return;
        }
        cancellation.check();
        size = (int) Math.max(1, Math.min(Math.min(MOST_ROWS, GROWTH * size), BATCH_BYTES / current.largestRow()));
        rows.setFetchSize(size);
        RowBatch into = spare;
        int most = size;
        ahead = CompletableFuture.supplyAsync(() -> fetch(into, most), workers);
    }

    private RowBatch fetch(RowBatch into, int most) {
        try {
            into.fill(rows, most);
            return into;
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    private static RowBatch join(CompletableFuture<RowBatch> fetched) throws SQLException {
        try {
            return fetched.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            awaitFetch();
            statement.close();
        } catch (SQLException | CompletionException e) {
            LOG.debug("A statement ended badly", e);
        }
    }

    /** The connection may be used again only when nobody reads from it. A cancel can be lost, and so is repeated. */
    private void awaitFetch() throws SQLException {
        CompletableFuture<RowBatch> fetched = ahead;
        while (fetched != null && !fetched.isDone()) {
            cancellation.cancel();
            try {
                fetched.get(CANCEL_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.debug("A cancel had no effect yet");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                LOG.debug("A fetch was cancelled", e);
            }
        }
    }
}
