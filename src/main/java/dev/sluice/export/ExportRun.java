package dev.sluice.export;

import dev.sluice.export.ExportRequest.Candidate;
import dev.sluice.flow.Buffer;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.Source;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.ExportSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One export in the database, from its place among the running to its last row: the first fill finds the dataset and
 * checks the query against the database, then rows follow; the close makes room for the next. Its connection is in one read-only transaction from the first to the last statement.
 *
 * <p>Thread-safety: used by one thread at a time, as a {@link Source} is; {@link #cancel} comes from anywhere.
 */
final class ExportRun implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(ExportRun.class);

    /** For a server that does not answer any more. */
    private static final int ROLLBACK_MILLIS = 10_000;

    private final ExportRequest request;
    private final Catalogue catalogue;
    private final ExportSettings limits;
    private final Runnable whenFree;
    private final Executor workers;
    private final Cancellation cancellation;

    private @Nullable Connection connection;
    private volatile @Nullable Plan plan;
    private volatile @Nullable RowSource rows;
    private @Nullable RowEncoder encoder;
    private volatile long count;
    private volatile long bytes;
    /**
     * What will be run.
     *
     * @param dataset what is exported
     * @param options how it is written
     * @param select the statement
     * @param columns the columns as the encoder sees them
     * @param estimate the planner's guess
     */
    record Plan(
            Dataset dataset, OutputOptions options, Statement select, List<OutputColumn> columns, Estimate estimate) {}

    /** @param whenFree run once, when it needs no connection any more */
    ExportRun(
            ExportRequest request,
            Catalogue catalogue,
            ExportSettings limits,
            Runnable whenFree,
            Executor workers,
            InstantSource clock) {
        this.request = request;
        this.catalogue = catalogue;
        this.limits = limits;
        this.whenFree = whenFree;
        this.workers = workers;
        this.cancellation = new Cancellation(clock);
    }

    /** What is run; there once the first fill has given a byte or ended. */
    Plan plan() {
        return Objects.requireNonNull(plan);
    }

    /** Finds the dataset, reads the query and tries it. */
    private Plan prepare() throws SQLException {
        for (Candidate candidate : request.candidates()) {
            Connection opened = open(candidate.dataset());
            var description = catalogue.describe(opened, candidate.dataset());
            if (description.isPresent()) {
                Plan made = plan(opened, candidate, description.get());
                plan = made;
                return made;
            }
            giveBack();
        }
        throw ExportRequest.unknown(request.name());
    }

    private Connection open(Dataset dataset) throws SQLException {
        Connection opened = dataset.database().connection();
        connection = opened;
        cancellation.on(opened);
        PinnedSession.begin(opened, limits.firstRowTimeout());
        if (dataset.rls()) {
            PinnedSession.become(opened, limits.rlsRole().orElseThrow(), request.caller());
        }
        return opened;
    }

    private Plan plan(Connection opened, Candidate candidate, Description description) throws SQLException {
        Dataset dataset = candidate.dataset();
        OutputOptions options = OutputOptions.of(request.parameters(), candidate.format());
        requireVisibleCut(options);
        Query query = new QueryParser(dataset, description, request.parameters(), limits.conditions()).parse();
        SqlBuilder sql = new SqlBuilder(dataset, description, query);
        Preflight.run(opened, sql.probes(), cancellation);
        Statement select = sql.select(column -> form(column, options));
        List<OutputColumn> columns = query.select().stream()
                .map(column -> new OutputColumn(name(column, options), column.typeOid(), form(column, options)))
                .toList();
        return new Plan(dataset, options, select, columns, Describer.estimate(opened, select));
    }

    private void requireVisibleCut(OutputOptions options) {
        if (!request.cutIsVisible() && !options.endRecord()) {
            throw new ProblemException(
                            ErrorCode.UPGRADE_REQUIRED,
                            "HTTP/1.0 cannot tell a complete stream from a cut one. Use HTTP/1.1 (in nginx:"
                                    + " proxy_http_version 1.1), or NDJSON with end=true.")
                    .header("Upgrade", "HTTP/1.1");
        }
    }

    private static ColumnForm form(Column column, OutputOptions options) {
        return options.format() == Format.CSV
                ? Encoders.csvForm(column.typeOid())
                : Encoders.jsonForm(column.typeOid());
    }

    private static String name(Column column, OutputOptions options) {
        return options.format() == Format.CSV ? column.name() : column.jsonName();
    }

    /** Rows written so far. */
    long rows() {
        return count;
    }

    /** In which way its rows come; empty when it did not come to that. */
    Optional<Lane> lane() {
        return Optional.ofNullable(rows).map(RowSource::lane);
    }

    /** Bytes of text written so far. */
    long bytes() {
        return bytes;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
    public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
        int before = buffer.length();
        if (plan == null) {
            Plan made = prepare();
            if (request.head()) {
                return Step.END;
            }
            start(made, buffer);
        }
        Step step = write(buffer, wakeUp);
        bytes += buffer.length() - before;
        return step;
    }

    /** What is there should not wait for what is not: rows go out when the next ones would take a while. */
    private Step write(Buffer buffer, Runnable wakeUp) throws SQLException {
        RowEncoder out = Objects.requireNonNull(encoder);
        RowSource in = Objects.requireNonNull(rows);
        long written = count;
        while (!in.wouldBlock(wakeUp)) {
            if (!in.next()) {
                count = written;
                out.end(written, buffer);
                return Step.END;
            }
            out.row(in.row(), buffer);
            written++;
            if (buffer.isFull()) {
                count = written;
                return Step.MORE;
            }
        }
        count = written;
        return Step.WAIT;
    }

    private void start(Plan known, Buffer buffer) throws SQLException {
        Connection opened = Objects.requireNonNull(connection);
        rows = new Lanes(limits, cancellation, workers).open(opened, known.select(), known.columns(), known.estimate());
        RowEncoder created = switch (known.options().format()) {
            case CSV -> Encoders.csv(known.columns(), known.options().csv());
            case NDJSON -> Encoders.ndjson(known.columns(), known.options().endRecord());
            case JSON -> Encoders.json(known.columns());
        };
        created.begin(buffer);
        encoder = created;
    }

    @Override
    public void cancel() {
        workers.execute(cancellation::cancel);
    }

    @Override
    public void close(EndReason reason, @Nullable Throwable error) {
        try {
            log(reason, error);
            if (rows != null) {
                rows.close();
            }
        } finally {
            try {
                giveBack();
            } finally {
                whenFree.run();
            }
        }
    }

    /** Ends the transaction and gives the connection back to its pool. */
    private void giveBack() {
        Connection opened = connection;
        connection = null;
        if (opened == null) {
            return;
        }
        cancellation.over();
        try (opened) {
            opened.setNetworkTimeout(Runnable::run, ROLLBACK_MILLIS);
            opened.rollback();
            opened.setNetworkTimeout(Runnable::run, 0);
        } catch (SQLException e) {
            LOG.debug("A connection was lost", e);
        }
    }

    private void log(EndReason reason, @Nullable Throwable error) {
        if (error instanceof ProblemException) {
            LOG.debug("An export was refused", error);
        } else if (reason == EndReason.SOURCE_FAILED
                && error instanceof SQLException lost
                && Problem.isConnectionLoss(lost)) {
            logLoss(lost);
        } else if (reason == EndReason.SOURCE_FAILED) {
            LOG.warn("An export failed after {} rows", count, error);
            Plan known = plan;
            if (error instanceof SQLException sql && SqlErrors.isOfQuery(sql) && known != null) {
                catalogue.forget(known.dataset());
            }
        } else if (reason != EndReason.COMPLETE) {
            LOG.debug("An export ended after {} rows: {}", count, reason.label(), error);
        }
    }

    /** That the database is away, and why, is told once and not for each request. */
    private void logLoss(SQLException lost) {
        if (plan == null) {
            LOG.debug("An export found no database", lost);
        } else {
            LOG.warn("An export lost its database after {} rows: {}", count, lost.getMessage());
            LOG.debug("Where it lost it", lost);
        }
    }
}
