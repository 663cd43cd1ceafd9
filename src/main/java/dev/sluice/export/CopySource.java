package dev.sluice.export;

import dev.sluice.http.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows through {@code COPY ... TO STDOUT (FORMAT binary)}: nobody has to ask for the next ones, so that the backend
 * works on while rows are encoded here.
 *
 * <p>Rows are read a batch at a time, when the one before was taken: nothing is ahead of the client but what the sockets
 * hold. A worker reads, and rows are taken as they come. Only while many batches have come fast, whoever takes reads too:
 * two threads would cost more than they gain, for the backend has most of the work.
 *
 * <p>Used by one thread at a time. The COPY is touched by the one who reads alone.
 */
final class CopySource implements RowSource {
    private static final Logger LOG = LoggerFactory.getLogger(CopySource.class);
    /** A batch that takes longer is a slow one. */
    private static final long FAST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** After so many fast batches in a row the next one is taken for fast, too. */
    private static final int TRUSTED = 16;
    /** How long the whole of a slow batch is waited for before its first rows are taken. */
    private static final long GATHER_MILLIS = 5;

    private static final long CANCEL_AGAIN_MILLIS = 250;
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PGConnection connection;
    private final String sql;
    private final Cancellation cancellation;
    private final Executor workers;
    private final long fastNanos;
    private final CopyTuple tuple;
    private final CopyBatch batch = new CopyBatch();

    private CompletableFuture<Void> reader;
    private boolean begun;
    private long rows;

    private volatile @Nullable CopyOut copy;
    /** What was read before it became false is seen by whoever sees that. */
    private volatile boolean reading = true;

    /** How many there were in a row. */
    private volatile int fastBatches;
    /** What is read is for nobody any more. */
    private volatile boolean discarding;
    /** Nothing more will be read: it ended, or failed. */
    private volatile boolean over;

    private volatile @Nullable Throwable failure;
    private final AtomicReference<@Nullable CompletableFuture<Void>> awaited = new AtomicReference<>();

    /**
     * Starts; {@link #begins} tells whether it came to something.
     *
     * @param select without values: they are settings already
     */
    CopySource(Connection connection, Statement select, int columns, Cancellation cancellation, Executor workers)
            throws SQLException {
        this(connection, select, columns, cancellation, workers, FAST_NANOS);
    }

    /** @param fastNanos how long a fast batch takes at most */
    CopySource(
            Connection connection,
            Statement select,
            int columns,
            Cancellation cancellation,
            Executor workers,
            long fastNanos)
            throws SQLException {
        this.fastNanos = fastNanos;
        this.connection = connection.unwrap(PGConnection.class);
        this.sql = "COPY (" + select.text() + ") TO STDOUT (FORMAT binary)";
        this.cancellation = cancellation;
        this.workers = workers;
        this.tuple = new CopyTuple(columns);
        cancellation.check();
        this.reader = readElsewhere();
    }

    /**
     * Waits for the first row, or for the end where there is none.
     *
     * @param atMost zero = no limit
     * @return whether it came in time
     */
    boolean begins(Duration atMost) throws SQLException {
        if (!await(atMost)) {
            return false;
        }
        if (!hasMessage()) {
            throwFailure();
        }
        return true;
    }

    @Override
    public Lane lane() {
        return Lane.COPY;
    }

    @Override
    public RowFields row() {
        return tuple;
    }

    @Override
    public boolean next() throws SQLException {
        if (!awaitMessage()) {
            throwFailure();
            throw new MalformedFieldException("a COPY without a trailer");
        }
        byte[] message = batch.next();
        int start = begun ? 0 : CopyTuple.afterHeader(message);
        begun = true;
        if (tuple.read(message, start)) {
            rows++;
            return true;
        }
        awaitEnd();
        return false;
    }

    /** Behind the trailer nothing may come but the server's word on how many rows it sent. */
    private void awaitEnd() throws SQLException {
        if (awaitMessage()) {
            throw new MalformedFieldException("a COPY with something behind its trailer");
        }
        throwFailure();
        long sent = Objects.requireNonNull(copy).getHandledRowCount();
        if (sent != rows) {
            throw new MalformedFieldException("a COPY of " + sent + " rows with " + rows + " tuples");
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // next() finds the outcome, whatever it is
    public boolean wouldBlock(Runnable wakeUp) {
        if (hasMessage() || isGathered()) {
            return false;
        }
        arrival().thenRun(wakeUp);
        return true;
    }

    /** Waits for a whole batch for a moment; whether there is something then, be it the end. */
    private boolean isGathered() {
        try {
            reader.get(GATHER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.trace("Rows come slowly");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return hasMessage() || over;
    }

    /** Waits for a message; false when there will be none. */
    private boolean awaitMessage() throws SQLException {
        while (true) {
            boolean wasOver = over; // before the look at what was read
            if (hasMessage()) {
                return true;
            }
            if (wasOver) {
                return false;
            }
            await(Duration.ZERO);
        }
    }

    /**
     * Waits for something to happen.
     *
     * @param atMost zero = no limit
     * @return false when the time is over
     */
    private boolean await(Duration atMost) throws SQLException {
        try {
            if (atMost.isZero()) {
                arrival().get();
            } else {
                arrival().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            }
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted while waiting for rows", e);
        }
    }

    /** Completed as soon as there is a message, or nobody reads any more. */
    private CompletableFuture<Void> arrival() {
        CompletableFuture<Void> known = awaited.get();
        CompletableFuture<Void> arrival = known == null ? new CompletableFuture<>() : known;
        awaited.set(arrival);
        if (hasMessage() || over) {
            arrive();
        }
        return arrival;
    }

    private void arrive() {
        CompletableFuture<Void> arrival = awaited.get();
        if (arrival != null && awaited.compareAndSet(arrival, null)) {
            arrival.complete(null);
        }
    }

    /** Whether there is a message to take now; reads where it was the last one and others will come soon. */
    private boolean hasMessage() {
        return batch.hasNext() || refill();
    }

    private boolean refill() {
        boolean isRead = reading; // before the look at what was read
        if (batch.hasNext() || isRead || over) {
            return batch.hasNext();
        }
        batch.clear();
        reading = true;
        if (fastBatches >= TRUSTED) {
            read();
        } else {
            reader = readElsewhere();
        }
        return batch.hasNext();
    }

    private CompletableFuture<Void> readElsewhere() {
        return CompletableFuture.runAsync(this::read, workers);
    }

    /** Reads until the batch is full, or nothing more comes. */
    private void read() {
        long began = System.nanoTime();
        try {
            CopyOut from = started();
            while (discarding || !batch.isFull()) {
                byte[] message = from.readFromCopy();
                if (message == null) {
                    over = true;
                    break;
                }
                if (!discarding) {
                    batch.add(message);
                    arrive();
                }
            }
        } catch (Throwable e) {
            failure = e;
            over = true;
        }
        fastBatches = System.nanoTime() - began < fastNanos ? fastBatches + 1 : 0;
        reading = false;
        arrive();
    }

    /** The server answers the command with the first piece of its result, and not before. */
    private CopyOut started() throws SQLException {
        CopyOut known = copy;
        if (known == null) {
            known = connection.getCopyAPI().copyOut(sql);
            copy = known;
        }
        return known;
    }

    private void throwFailure() throws SQLException {
        Throwable failed = failure;
        if (failed instanceof SQLException error) {
            throw error;
        }
        if (failed != null) {
            throw new IllegalStateException("A COPY could not be read", failed);
        }
    }

    /**
     * Reads to the server's word that it has ended, for only then the session takes another command. (The driver's own
     * cancelCopy does not read it; the session's next command would.) A backend that waits for its client sees a cancel
     * only when it is read from, and a cancel can be lost; so both go on until one helps. A session of which nobody knows
     * what it would say next is broken off.
     */
    @Override
    public void close() {
        discarding = true;
        long began = System.nanoTime();
        while (!over && System.nanoTime() - began < CLOSE_NANOS && readOn()) {}
        if (!over || isBroken()) {
            cancellation.interrupt();
            cancellation.abort();
        }
    }

    private boolean isBroken() {
        CopyOut known = copy;
        Throwable failed = failure;
        boolean isServersError = failed instanceof SQLException error && !Problem.isConnectionLoss(error);
        return (failed != null && !isServersError) || (known != null && known.isActive());
    }

    /** False when nobody can. */
    private boolean readOn() {
        try {
            if (reader.isDone()) {
                reader = readElsewhere();
            }
            cancellation.interrupt();
            reader.get(CANCEL_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("A cancel had no effect yet");
        } catch (RejectedExecutionException | ExecutionException e) {
            LOG.debug("Nobody reads any more", e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return true;
    }
}
