package dev.sluice.realtime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the calls of one protocol their turns: never two at once, and the one that says that it is over last, once, after
 * whatever runs. Who says so does not wait for that. Thread-safe.
 */
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

    private boolean taken;
    private boolean over;
    private boolean told;

    /** What became of a call. */
    enum Outcome {
        DONE,
        FAILED,
        /** Another call runs. */
        BUSY,
        OVER
    }

    /**
     * Runs a call.
     *
     * @param patient whether another one that runs is waited for
     * @param last tells that it is over, where that was said meanwhile
     */
    Outcome run(Runnable call, boolean patient, Runnable last) {
        Outcome begun = begin(patient);
        if (begun != Outcome.DONE) {
            return begun;
        }
        try {
            call.run();
            return Outcome.DONE;
        } catch (RuntimeException e) {
            LOG.error("A connection failed", e);
            return Outcome.FAILED;
        } finally {
            leave(last);
        }
    }

    /** Lets no call begin any more, and tells that it is over, unless one runs: that one does. */
    void end(Runnable last) {
        boolean isFree;
        synchronized (this) {
            over = true;
            isFree = !taken;
            notifyAll();
        }
        if (isFree) {
            tell(last);
        }
    }

    private synchronized Outcome begin(boolean patient) {
        while (taken && !over && patient) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Outcome.BUSY;
            }
        }
        if (over || taken) {
            return over ? Outcome.OVER : Outcome.BUSY;
        }
        taken = true;
        return Outcome.DONE;
    }

    private void leave(Runnable last) {
        boolean isOver;
        synchronized (this) {
            taken = false;
            isOver = over;
            notifyAll();
        }
        if (isOver) {
            tell(last);
        }
    }

    private void tell(Runnable last) {
        synchronized (this) {
            if (told) {
                return;
            }
            told = true;
        }
        try {
            last.run();
        } catch (RuntimeException e) {
            LOG.error("A connection could not leave", e);
        }
    }
}
