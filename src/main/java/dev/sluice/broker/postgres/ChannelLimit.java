package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many channels the database may know, and whether publishes of this node would make more. The rows of
 * {@code sluice.channel} are counted rarely; in between, each first publication of a channel that comes by in the stream
 * is one more. Only near the limit is it asked which channels are new. For the thread of the engine.
 *
 * <p>What other nodes and SQL have on their way is not counted yet: together, nodes may pass the limit by that much. What
 * has been deleted is found by counting again.
 */
final class ChannelLimit {
    private static final Duration COUNT_EVERY = Duration.ofHours(1);
    /** While there is no room: some may have come back. */
    private static final Duration COUNT_FULL_EVERY = Duration.ofMinutes(1);

    /** So begin the names under which nodes tell each other things; no client and no SQL can use them. */
    private static final String OF_NODES = "$";

    private final int most;
    private final InstantSource ticks;
    private int count;
    private Instant counted = Instant.MIN;

    ChannelLimit(int most, InstantSource ticks) {
        this.most = most;
        this.ticks = ticks;
    }

    /** Rows that have been added to the stream. */
    void added(List<Row> rows) {
        for (Row row : rows) {
            if (row.publication().position().offset() == 1) {
                count++;
            }
        }
    }

    /** The channels of a batch that there is no room for; those that come first are let in. */
    Set<String> tooMany(List<Entry> batch, GroupCommit commit) throws SQLException {
        if (isCountDue(batch.size())) {
            // Noted before: a count that takes too long ends the session, and must not end the next one as well.
            counted = ticks.instant();
            count = commit.channels(most);
        }
        if (fits(batch.size())) {
            return Set.of();
        }
        Set<String> fresh = commit.newChannels(batch);
        return batch.stream()
                .map(entry -> entry.draft().channel())
                .filter(fresh::contains)
                .filter(channel -> !channel.startsWith(OF_NODES))
                .distinct()
                .skip(Math.max(0, most - count))
                .collect(Collectors.toUnmodifiableSet());
    }

    private boolean isCountDue(int more) {
        Duration every = fits(more) ? COUNT_EVERY : COUNT_FULL_EVERY;
        return !counted.isAfter(ticks.instant().minus(every));
    }

    private boolean fits(int more) {
        return more <= most - count;
    }

    @Override
    public String toString() {
        return "%,d channels are stored already".formatted(most);
    }
}
