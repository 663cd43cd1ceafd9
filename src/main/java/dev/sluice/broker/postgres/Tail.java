package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * How far this node has come in the stream, over all of its sessions: each row is handed on once, in the order of the
 * ids. Used by the thread of the engine; the place may be read by all.
 */
final class Tail {
    /** Rows stay in the stream for at least this long, so that all nodes can read them, whatever is kept of a channel. */
    static final Duration TRANSIT = Duration.ofSeconds(60);
    /** After this long without a look, rows may be gone that this node has not seen. */
    private static final Duration BLIND = TRANSIT.multipliedBy(3).dividedBy(4);

    private static final long NOWHERE = -1;

    private final Handoff handoff;
    private final ChannelLimit limit;
    private final InstantSource ticks;
    private volatile long last = NOWHERE;
    private Instant looked = Instant.MAX;

    Tail(Handoff handoff, ChannelLimit limit, InstantSource ticks) {
        this.handoff = handoff;
        this.limit = limit;
        this.ticks = ticks;
    }

    boolean isPlaced() {
        return last != NOWHERE;
    }

    /** The last row that was handed on. */
    long last() {
        return last;
    }

    /** Reads all there is; the first time, finds where to begin. */
    void catchUp(StreamReader reader) throws SQLException {
        if (!isPlaced()) {
            last = reader.top();
            looked();
        }
        int rows = StreamReader.MOST;
        while (rows == StreamReader.MOST) {
            rows = read(reader);
        }
    }

    /** Reads what is next; answers how many rows that was. */
    int read(StreamReader reader) throws SQLException {
        List<Row> rows = reader.after(last);
        accept(rows);
        if (rows.size() < StreamReader.MOST) {
            looked();
        }
        return rows.size();
    }

    /** Rows that follow the last one. */
    void accept(List<Row> rows) {
        if (!rows.isEmpty()) {
            limit.added(rows);
            handoff.rows(rows);
            // Last: where any of it fails, the next session reads the rows again.
            last = rows.get(rows.size() - 1).id();
        }
    }

    /** This node knows everything up to now. */
    void looked() {
        Instant now = ticks.instant();
        if (now.minus(BLIND).isAfter(looked)) {
            handoff.lost();
        }
        looked = now;
    }
}
