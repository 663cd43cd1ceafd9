package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/**
 * What a node does that does not lead: reads what the leader adds to the stream, puts its own publishes into the outbox,
 * and tries to take the lead. One for each session; for the thread of the engine.
 */
final class Follower {
    private static final Duration TRY_EVERY = Duration.ofMillis(250);
    private static final Duration IDLE = Duration.ofMillis(100);
    private static final Duration BUSY = Duration.ofMillis(5);
    /** How long it stays busy after something came. */
    private static final Duration CALM = Duration.ofMillis(200);

    private final Session session;
    private final StreamReader reader;
    private final GroupCommit commit;
    private final Tail tail;
    private final Waiting waiting;
    private final Publishing publishing;
    private final InstantSource ticks;
    private Instant nextTry = Instant.MIN;
    private Instant busyUntil = Instant.MIN;

    Follower(
            Session session,
            StreamReader reader,
            GroupCommit commit,
            Tail tail,
            Waiting waiting,
            Publishing publishing,
            InstantSource ticks) {
        this.session = session;
        this.reader = reader;
        this.commit = commit;
        this.tail = tail;
        this.waiting = waiting;
        this.publishing = publishing;
        this.ticks = ticks;
    }

    /** Follows until it has the lead, or is told to stop; answers whether it has the lead. */
    boolean follow(BooleanSupplier stop) throws SQLException {
        while (!stop.getAsBoolean()) {
            if (mayTry() && session.tryToLead()) {
                return true;
            }
            boolean nudged = waiting.await(isBusy() ? BUSY : IDLE);
            boolean sent = publishing.outbox(commit);
            boolean came = tail.read(reader) > 0;
            publishing.answerDuplicates(commit);
            if (nudged || sent || came) {
                busyUntil = ticks.instant().plus(CALM);
            }
        }
        return false;
    }

    private boolean isBusy() {
        return ticks.instant().isBefore(busyUntil);
    }

    private boolean mayTry() {
        Instant now = ticks.instant();
        boolean due = !now.isBefore(nextTry);
        if (due) {
            nextTry = now.plus(TRY_EVERY);
        }
        return due;
    }
}
