package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the one node does that leads: gives publications their places, this node's at once, those of the outbox in
 * passes. The lead ends with the session, so that nothing can be moved by who has lost it. One for each time of leading;
 * for the thread of the engine.
 */
final class Leader {
    private static final Logger LOG = LoggerFactory.getLogger(Leader.class);

    /** A look at the outbox that nobody asked for; also keeps the lease. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private static final Duration SWEEP_EVERY = Duration.ofSeconds(15);
    /** Followers that have been woken look by themselves for a while. */
    private static final Duration WAKE_EVERY = Duration.ofMillis(50);

    static final int BATCH = 500;

    private final StreamReader reader;
    private final GroupCommit commit;
    private final Sequencer sequencer;
    private final IdleChannels idleChannels;
    private final Tail tail;
    private final Waiting waiting;
    private final Publishing publishing;
    private final Teller teller;
    private final BrokerMetrics metrics;
    private final InstantSource ticks;
    private Instant nextLook = Instant.MIN;
    private Instant nextSweep;
    private Instant nextWake = Instant.MIN;

    Leader(
            Session session,
            StreamReader reader,
            GroupCommit commit,
            Tail tail,
            Waiting waiting,
            Publishing publishing,
            Teller teller,
            BrokerMetrics metrics,
            InstantSource ticks)
            throws SQLException {
        this.reader = reader;
        this.commit = commit;
        this.sequencer = new Sequencer(session, BATCH);
        this.idleChannels = new IdleChannels(session, ticks);
        this.tail = tail;
        this.waiting = waiting;
        this.publishing = publishing;
        this.teller = teller;
        this.metrics = metrics;
        this.ticks = ticks;
        this.nextSweep = ticks.instant().plus(SWEEP_EVERY);
    }

    /** Leads until it is told to stop. */
    void lead(Sessions watchSessions, BooleanSupplier stop) throws SQLException {
        takeOver(stop);
        try (Watch watch = new Watch(watchSessions, sequencer.tracked(), waiting::nudge, ticks)) {
            watch.start();
            while (!stop.getAsBoolean()) {
                boolean nudged = waiting.await(sequencer.isInPass() ? Duration.ZERO : LOOK_EVERY);
                long before = tail.last();
                publishing.direct(commit, tail);
                if (nudged || sequencer.isInPass() || isLookDue()) {
                    step();
                    watch.passed(sequencer.tracked());
                }
                wakeFollowers(before);
                tidy();
                tail.looked();
            }
        }
    }

    /** What the former leader did is known first, then what waits in the outbox; new publishes come after that. */
    private void takeOver(BooleanSupplier stop) throws SQLException {
        tail.catchUp(reader);
        publishing.sendAgain();
        do {
            step();
        } while (sequencer.isInPass() && !stop.getAsBoolean());
    }

    private void step() throws SQLException {
        Sequencer.Step step = sequencer.step();
        tail.accept(step.rows());
        if (step.taken() > 0) {
            metrics.sequenced(step.oldest());
            publishing.answerDuplicates(commit);
        }
        nextLook = ticks.instant().plus(LOOK_EVERY);
    }

    private boolean isLookDue() {
        return !ticks.instant().isBefore(nextLook);
    }

    private void wakeFollowers(long before) {
        Instant now = ticks.instant();
        if (tail.last() > before && !now.isBefore(nextWake)) {
            nextWake = now.plus(WAKE_EVERY);
            teller.wake();
        }
    }

    private void tidy() throws SQLException {
        if (!sequencer.isInPass() && !ticks.instant().isBefore(nextSweep)) {
            nextSweep = ticks.instant().plus(SWEEP_EVERY);
            long found = sequencer.sweep();
            if (found > 0) {
                LOG.error("{} rows of the outbox were passed over; the next pass takes them", found);
                metrics.sweepFound(found);
            }
        }
        idleChannels.retire();
    }
}
