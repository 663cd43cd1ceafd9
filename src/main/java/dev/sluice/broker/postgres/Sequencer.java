package dev.sluice.broker.postgres;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves committed rows of the outbox into the stream, in passes. Only on the session that leads; for one thread.
 *
 * <p>The truth is that a row in the outbox is not sequenced yet, and deleting it there and inserting it into the stream
 * are one transaction. The snapshot that is tracked only saves looking at rows that cannot be new: what was committed
 * since has a transaction of its {@code xip}, or of its {@code xmax} or more. While statements take full batches, a pass
 * goes on behind the last row; then the snapshot of the pass's <em>first</em> statement is the next to be tracked, as
 * later ones may have passed over transactions that were still open.
 *
 * <p>No SKIP LOCKED: what was skipped would fall out of what is tracked.
 */
final class Sequencer {
    /** What one statement did. */
    record Step(List<Row> rows, int taken, Duration oldest) {
        static final Step NOTHING = new Step(List.of(), 0, Duration.ZERO);
    }

    /** The order and limit around both halves are essential: each half alone may pass over rows of the other. */
    private static final String FIRST = """
            SELECT ctid FROM (
                (SELECT ctid, xid, id FROM sluice.outbox WHERE xid = ANY (?::text::xid8[]) ORDER BY xid, id LIMIT ?)
                UNION ALL
                (SELECT ctid, xid, id FROM sluice.outbox WHERE xid >= ?::text::xid8 ORDER BY xid, id LIMIT ?)) AS u
            ORDER BY xid, id LIMIT ?
            """;

    private static final String NEXT =
            "SELECT ctid FROM sluice.outbox WHERE (xid, id) > (?::text::xid8, ?) ORDER BY xid, id LIMIT ?";

    private static final String MOVE = """
            WITH taken AS MATERIALIZED (
                DELETE FROM sluice.outbox WHERE ctid = ANY (ARRAY(%s)) RETURNING *
            ), draft AS MATERIALIZED (
                SELECT channel, event, coalesce(idempotency_key, '') AS key, data, info, token,
                       row_number() OVER (ORDER BY xid, id) AS n
                FROM taken
            )
            %s
            , last AS (SELECT xid, id FROM taken ORDER BY xid DESC, id DESC LIMIT 1)
            SELECT (SELECT count(*) FROM taken) AS taken, pg_current_snapshot()::text AS snapshot,
                   (SELECT xid::text FROM last) AS last_xid, (SELECT id FROM last) AS last_id,
                   (SELECT extract(epoch FROM now() - min(created)) * 1000 FROM taken)::bigint AS oldest,
                   NULL AS id, NULL AS token, NULL AS channel, NULL AS epoch, NULL AS chan_offset, NULL AS event,
                   NULL AS data, NULL AS info, NULL AS millis
            UNION ALL
            (SELECT NULL, NULL, NULL, NULL, NULL, %s FROM put ORDER BY id)
            """;

    private static final String LEFT =
            "SELECT count(*) FROM sluice.outbox WHERE xid < ?::text::xid8 AND xid <> ALL (?::text::xid8[])";

    private final int batch;
    private final PreparedStatement first;
    private final PreparedStatement next;
    private final PreparedStatement left;

    private Snapshot tracked = Snapshot.NONE;
    private Snapshot ofThisPass = Snapshot.NONE;
    private boolean inPass;
    private String lastXid = "";
    private long lastId;

    Sequencer(Session session, int batch) throws SQLException {
        this.batch = batch;
        first = session.prepare(MOVE.formatted(FIRST, Placing.STEPS, Row.COLUMNS));
        next = session.prepare(MOVE.formatted(NEXT, Placing.STEPS, Row.COLUMNS));
        left = session.prepare(LEFT);
    }

    /** What has been looked at: only rows that came after it are new. */
    Snapshot tracked() {
        return tracked;
    }

    /** Whether the pass goes on: the last step took a full batch. */
    boolean isInPass() {
        return inPass;
    }

    /** Begins a pass, or goes on with it. */
    Step step() throws SQLException {
        PreparedStatement statement = inPass ? next() : first();
        try (ResultSet result = statement.executeQuery()) {
            result.next();
            int taken = result.getInt("taken");
            if (!inPass) {
                ofThisPass = Snapshot.parse(result.getString("snapshot"));
            }
            advance(result, taken);
            Duration oldest = Duration.ofMillis(result.getLong("oldest"));
            return taken == 0 ? Step.NOTHING : new Step(rows(result), taken, oldest);
        }
    }

    private PreparedStatement first() throws SQLException {
        first.setString(1, tracked.xip());
        first.setInt(2, batch);
        first.setString(3, tracked.xmax());
        first.setInt(4, batch);
        first.setInt(5, batch);
        return first;
    }

    private PreparedStatement next() throws SQLException {
        next.setString(1, lastXid);
        next.setLong(2, lastId);
        next.setInt(3, batch);
        return next;
    }

    private void advance(ResultSet result, int taken) throws SQLException {
        inPass = taken >= batch;
        if (inPass) {
            lastXid = result.getString("last_xid");
            lastId = result.getLong("last_id");
        } else {
            tracked = ofThisPass;
        }
    }

    private static List<Row> rows(ResultSet result) throws SQLException {
        List<Row> rows = new ArrayList<>();
        while (result.next()) {
            rows.add(Row.read(result));
        }
        return rows;
    }

    /**
     * Counts what passes have left behind, which must be nothing; what there is, the next pass takes. Between passes.
     */
    long sweep() throws SQLException {
        left.setString(1, tracked.xmax());
        left.setString(2, tracked.xip());
        try (ResultSet result = left.executeQuery()) {
            result.next();
            long found = result.getLong(1);
            if (found > 0) {
                tracked = Snapshot.NONE;
            }
            return found;
        }
    }
}
