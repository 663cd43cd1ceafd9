package dev.sluice.broker.postgres;

import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A row of the stream. Immutable.
 *
 * @param id rises with the commits, with gaps
 * @param token of the publish it answers; 0 where it came from SQL
 */
record Row(long id, long token, Publication publication) {
    /** For {@link #read}. */
    static final String COLUMNS = "id, token, channel, epoch, chan_offset, event, data, info,"
            + " (extract(epoch FROM created) * 1000)::bigint AS millis";

    static Row read(ResultSet in) throws SQLException {
        return new Row(in.getLong("id"), in.getLong("token"), publication(in));
    }

    /** The same with the text of a draft. */
    Row with(Draft draft) {
        return new Row(
                id,
                token,
                new Publication(
                        draft.channel(),
                        publication.position(),
                        draft.event(),
                        draft.data(),
                        draft.info(),
                        publication.time()));
    }

    static Publication publication(ResultSet in) throws SQLException {
        return new Publication(
                in.getString("channel"),
                new Position(in.getString("epoch"), in.getLong("chan_offset")),
                in.getString("event"),
                in.getString("data"),
                in.getString("info"),
                in.getLong("millis"));
    }
}
