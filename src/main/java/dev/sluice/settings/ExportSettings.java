package dev.sluice.settings;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Limits of exports, for one node.
 *
 * @param concurrency exports that hold a database connection at once
 * @param queue exports that may wait for one
 * @param queueTimeout how long they wait
 * @param perCaller exports of one caller (without a token: of one address), running and waiting
 * @param firstRowTimeout how long the database may take to the first row
 * @param statementTimeout PostgreSQL's {@code statement_timeout} for an export; zero = none
 * @param stallTimeout how long a client may take nothing at all
 * @param maxHold how long an export may hold its connection for the sake of a slow client
 * @param spoolBudget bytes on disk for exports whose clients are slow
 * @param spooled exports that are served from disk at once
 * @param largestRow bytes of the largest row, encoded
 * @param lane in which way rows leave the database
 * @param conditions conditions in one query
 * @param schemas schemas whose tables and views are datasets for admins
 * @param rlsRole the role under which datasets with {@code rls=true} run
 */
public record ExportSettings(
        int concurrency,
        int queue,
        Duration queueTimeout,
        int perCaller,
        Duration firstRowTimeout,
        Duration statementTimeout,
        Duration stallTimeout,
        Duration maxHold,
        long spoolBudget,
        int spooled,
        int largestRow,
        Lane lane,
        int conditions,
        List<String> schemas,
        Optional<String> rlsRole) {
    /** In which way rows leave the database. */
    public enum Lane {
        /** By what the planner expects of each query. */
        AUTO,
        /** Always through a cursor. */
        CURSOR,
        /** Always by binary COPY. */
        COPY
    }

    static final Setting<Integer> CONCURRENCY =
            Values.integer("export.concurrency", 8, 1, 500, "Exports at once on this node.");
    static final Setting<Integer> QUEUE = Values.integer(
            "export.queue", 1000, 0, 100_000, "Exports that may wait for their turn, without a thread; more get 503.");
    static final Setting<Duration> QUEUE_TIMEOUT =
            Values.duration("export.queue-timeout", "30s", "How long an export waits for its turn, then 503.");
    static final Setting<Integer> PER_CALLER = Values.integer(
            "export.per-caller",
            2,
            1,
            500,
            "Exports of one caller at once (without a token: of one address), waiting ones included; more get 429.");
    static final Setting<Duration> FIRST_ROW_TIMEOUT = Values.duration(
            "export.first-row-timeout", "30s", "How long the database may take to the first row, then 504.");
    static final Setting<Duration> STATEMENT_TIMEOUT = Values.duration(
            "export.statement-timeout",
            "10m",
            "PostgreSQL's statement_timeout for exports: the time for one batch of rows; 0 = none.");
    static final Setting<Duration> STALL_TIMEOUT = Values.duration(
            "export.stall-timeout", "60s", "How long a client may take nothing at all before its export is cut.");
    static final Setting<Duration> MAX_HOLD = Values.duration(
            "export.max-hold",
            "120s",
            "How long an export may hold its connection for a slow client; then the rest is spooled to disk, at once when"
                    + " others wait for a connection.");
    static final Setting<Long> SPOOL_BUDGET = Values.size(
            "export.spool-budget",
            "2G",
            "Bytes on disk for exports of slow clients; without room, an export past export.max-hold is cut.");
    static final Setting<Integer> SPOOLED =
            Values.integer("export.spooled", 1000, 0, 100_000, "Exports that are served from disk at once.");
    static final Setting<Long> LARGEST_ROW =
            Values.size("export.largest-row", "64M", "Largest row of an export, encoded; a larger one breaks it.");
    static final Setting<Lane> LANE = Values.choice(
            "export.lane",
            Lane.class,
            Lane.AUTO,
            "How rows leave the database: by binary COPY, through a cursor, or chosen for each export by what the planner"
                    + " expects.");
    static final Setting<Integer> CONDITIONS =
            Values.integer("export.conditions", 100, 1, 1000, "Conditions in one query, nested ones included.");
    static final Setting<List<String>> SCHEMAS = Values.list(
            "export.schemas",
            "public,…",
            "",
            "Schemas whose tables and views are also datasets (schema.table), for admins only.");
    static final Setting<Optional<String>> RLS_ROLE = Values.optional(
            "export.rls-role",
            "role",
            "Database role under which datasets with rls=true run, the caller's claims in request.jwt.claims.");
    /** What fits into one array with room to grow. */
    private static final long MOST_ROW = 1L << 30;
    /** A chunk that is not full, and a block of the spool. */
    private static final long LEAST_ROW = 128 * 1024;

    static final List<Setting<?>> ALL = List.of(
            CONCURRENCY,
            QUEUE,
            QUEUE_TIMEOUT,
            PER_CALLER,
            FIRST_ROW_TIMEOUT,
            STATEMENT_TIMEOUT,
            STALL_TIMEOUT,
            MAX_HOLD,
            SPOOL_BUDGET,
            SPOOLED,
            LARGEST_ROW,
            LANE,
            CONDITIONS,
            SCHEMAS,
            RLS_ROLE);

    static ExportSettings read(SettingsReader in) {
        ExportSettings read = new ExportSettings(
                in.get(CONCURRENCY),
                in.get(QUEUE),
                in.get(QUEUE_TIMEOUT),
                in.get(PER_CALLER),
                in.get(FIRST_ROW_TIMEOUT),
                in.get(STATEMENT_TIMEOUT),
                in.get(STALL_TIMEOUT),
                in.get(MAX_HOLD),
                in.get(SPOOL_BUDGET),
                in.get(SPOOLED),
                (int) Math.min(in.get(LARGEST_ROW), MOST_ROW),
                in.get(LANE),
                in.get(CONDITIONS),
                in.get(SCHEMAS),
                in.get(RLS_ROLE));
        if (in.get(LARGEST_ROW) > MOST_ROW) {
            in.error("export.largest-row: at most 1G");
        }
        if (in.get(LARGEST_ROW) < LEAST_ROW) {
            in.error("export.largest-row: at least 128K");
        }
        if (read.schemas().contains("sluice")) {
            in.error("export.schemas: the schema sluice holds Sluice's own state and cannot be exported");
        }
        for (String outer : read.schemas()) {
            read.schemas().stream()
                    .filter(inner -> inner.startsWith(outer + "."))
                    .forEach(inner -> in.error("export.schemas: " + outer + " and " + inner
                            + " cannot both be exported: " + inner + ".x would be a table of either"));
        }
        return read;
    }
}
