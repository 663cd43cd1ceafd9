package dev.sluice.broker.postgres;

import dev.sluice.broker.BrokerException.Reason;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings what waits to the database, over all sessions of this node. Used by the thread of the engine.
 *
 * <p>When the session breaks while a batch is on its way into the stream, nobody knows whether it came there. It did if
 * it is found there afterwards. It did not, and can be sent again, if this node then gets the lead without having found
 * it: the lead is free only after the former session, and its transaction, are over.
 */
final class Publishing {
    private final Waiting waiting;
    private final Handoff handoff;
    private final ChannelLimit limit;
    private List<Entry> unsure = List.of();

    Publishing(Waiting waiting, Handoff handoff, ChannelLimit limit) {
        this.waiting = waiting;
        this.handoff = handoff;
        this.limit = limit;
    }

    /** What is done with a batch. */
    private interface Send {
        void send(List<Entry> batch) throws SQLException;
    }

    /** This node leads, and knows all of the stream: what was not found there is not there. */
    void sendAgain() {
        if (!unsure.isEmpty()) {
            handoff.settle();
            waiting.putBack(unsure);
            unsure = List.of();
        }
    }

    /** Puts what waits into the stream. */
    void direct(GroupCommit commit, Tail tail) throws SQLException {
        send(commit, batch -> {
            unsure = batch;
            GroupCommit.Result result = commit.direct(batch);
            unsure = List.of();
            tail.accept(result.rows());
            if (!result.duplicates().isEmpty()) {
                handoff.duplicates(result.duplicates());
            }
        });
    }

    /** Puts what waits into the outbox; answers whether there was something. */
    boolean outbox(GroupCommit commit) throws SQLException {
        return send(commit, commit::outbox);
    }

    private boolean send(GroupCommit commit, Send send) throws SQLException {
        List<Entry> taken = waiting.take(GroupCommit.MOST, GroupCommit.MOST_BYTES);
        if (taken.isEmpty()) {
            return false;
        }
        List<Entry> batch = admitted(taken, commit);
        if (batch.isEmpty()) {
            return true;
        }
        try {
            send.send(batch);
        } catch (SQLException e) {
            recover(e, batch, send);
        }
        return true;
    }

    /** Refuses what would make more channels than there may be; answers the others. */
    private List<Entry> admitted(List<Entry> batch, GroupCommit commit) throws SQLException {
        try {
            Set<String> tooMany = limit.tooMany(batch, commit);
            Map<Boolean, List<Entry>> byAdmission = batch.stream()
                    .collect(Collectors.partitioningBy(
                            entry -> !tooMany.contains(entry.draft().channel())));
            byAdmission.getOrDefault(false, List.of()).forEach(entry -> refuse(entry, Reason.FULL, limit.toString()));
            return byAdmission.getOrDefault(true, List.of());
        } catch (SQLException e) {
            waiting.putBack(batch);
            throw e;
        }
    }

    /** A statement that failed has done nothing; a session that broke may have. */
    private void recover(SQLException error, List<Entry> batch, Send send) throws SQLException {
        if (SqlStates.isBroken(error)) {
            throw error;
        }
        unsure = List.of();
        if (!SqlStates.isRefusal(error)) {
            waiting.putBack(batch);
            throw error;
        }
        if (batch.size() == 1) {
            refuse(batch.get(0), error);
        } else {
            oneByOne(batch, send);
        }
    }

    /** One of them is refused: the others need not suffer for it. */
    private void oneByOne(List<Entry> batch, Send send) throws SQLException {
        for (int i = 0; i < batch.size(); i++) {
            try {
                send.send(List.of(batch.get(i)));
            } catch (SQLException e) {
                if (!SqlStates.isRefusal(e)) {
                    waiting.putBack(batch.subList(SqlStates.isBroken(e) ? i + 1 : i, batch.size()));
                    throw e;
                }
                unsure = List.of();
                refuse(batch.get(i), e);
            }
        }
    }

    private void refuse(Entry entry, SQLException error) {
        refuse(entry, Reason.UNAVAILABLE, "the database refuses this publication: " + error.getMessage());
    }

    private void refuse(Entry entry, Reason reason, String message) {
        waiting.remove(entry.token()).ifPresent(removed -> removed.fail(reason, message));
    }

    /** Answers those whose key has been seen elsewhere: they never come in the stream. */
    void answerDuplicates(GroupCommit commit) throws SQLException {
        List<Entry> possible = waiting.sentWithKey(GroupCommit.MOST);
        if (!possible.isEmpty()) {
            Map<Long, dev.sluice.broker.Position> places = commit.seen(possible);
            if (!places.isEmpty()) {
                handoff.duplicates(places);
            }
        }
    }
}
