package dev.sluice.broker.postgres;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads what has been added to the stream. For one thread; lives as long as its session. */
final class StreamReader {
    static final int MOST = 500;

    private static final String TOP = "SELECT coalesce(max(id), 0) FROM sluice.stream";
    private static final String NEXT =
            "SELECT " + Row.COLUMNS + " FROM sluice.stream WHERE id > ? ORDER BY id LIMIT " + MOST;

    private final PreparedStatement top;
    private final PreparedStatement next;

    StreamReader(Session session) throws SQLException {
        top = session.prepare(TOP);
        next = session.prepare(NEXT);
    }

    /** The id of the newest row. */
    long top() throws SQLException {
        try (ResultSet result = top.executeQuery()) {
            result.next();
            return result.getLong(1);
        }
    }

    /** The rows after an id, {@link #MOST} at most. */
    List<Row> after(long id) throws SQLException {
        next.setLong(1, id);
        try (ResultSet result = next.executeQuery()) {
            List<Row> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(Row.read(result));
            }
            return rows;
        }
    }
}
