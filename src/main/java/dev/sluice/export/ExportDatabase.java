package dev.sluice.export;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.settings.ExportSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The connections that exports read with. They are read-only, in REPEATABLE READ, and get every type that has an encoder
 * in its binary form; on such connections only {@code getBytes} tells the truth (the driver's {@code getString} answers
 * null for some types), so they belong to exports alone. Thread-safe; closed once.
 */
final class ExportDatabase implements AutoCloseable {
    /** For the catalogue, beside the exports themselves. */
    static final int SPARE = 2;
    /** The pool takes no less. */
    private static final long LEAST_TIMEOUT_MILLIS = 250;

    private final HikariDataSource pool;

    /** An export waits for a connection for most of the time to its first row; for 30 seconds if that has no limit. */
    ExportDatabase(String name, DatabaseSettings settings, ExportSettings limits, MeterRegistry metrics) {
        PGSimpleDataSource source = Database.source(name, settings);
        source.setPrepareThreshold(-1); // binary from the first execution
        source.setPreparedStatementCacheQueries(0);
        source.setBinaryTransferEnable(binaryTypes());
        // The last guards of the heap, for rows that are suddenly much larger than those before. The driver's own
        // does not look at COPY; that of the socket sees nothing where the connection is encrypted.
        String largestMessage = Long.toString(2L * limits.largestRow());
        source.setMaxResultBuffer(largestMessage);
        source.setSocketFactory(ExportSocketFactory.class.getName());
        source.setSocketFactoryArg(largestMessage);
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(limits.concurrency() + SPARE);
        config.setMinimumIdle(1);
        if (!limits.firstRowTimeout().isZero()) {
            config.setConnectionTimeout(acquireMillis(limits.firstRowTimeout()));
        }
        config.setInitializationFailTimeout(-1);
        config.setAutoCommit(false);
        config.setReadOnly(true);
        config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        config.setMetricRegistry(metrics);
        config.setExceptionOverride(new KeepUnsupported());
        this.pool = new HikariDataSource(config);
    }

    /** Less than the whole: that the database cannot be reached is a better answer than that no row came in time. */
    private static long acquireMillis(Duration firstRow) {
        return Math.max(LEAST_TIMEOUT_MILLIS, firstRow.toMillis() * 9 / 10);
    }

    Connection connection() throws SQLException {
        return pool.getConnection();
    }

    int active() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    int size() {
        return pool.getMaximumPoolSize();
    }

    @Override
    public void close() {
        pool.close();
    }

    private static String binaryTypes() {
        return IntStream.of(Encoders.binaryTypes()).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    /** The pool takes "feature not supported" for the end of a connection; here a client's value can cause it. */
    private static final class KeepUnsupported implements SQLExceptionOverride {
        @java.lang.Override
        public SQLExceptionOverride.Override adjudicate(SQLException error) {
            return "0A000".equals(error.getSQLState())
                    ? SQLExceptionOverride.Override.DO_NOT_EVICT
                    : SQLExceptionOverride.Override.CONTINUE_EVICT;
        }
    }
}
