package dev.sluice.export;

import java.sql.SQLException;

/**
 * Where an export's rows come from: the one thing in which its lanes differ. Used by one thread at a time; what blocks in
 * it is ended through the {@link Cancellation} it was made with.
 */
interface RowSource {
    Lane lane();

    /**
     * Goes to the next row; blocks on the database.
     *
     * @return false when there is none
     */
    boolean next() throws SQLException;

    /**
     * Whether {@link #next} would block at the moment.
     *
     * @param wakeUp if so, run once it no longer would, from any thread
     */
    boolean wouldBlock(Runnable wakeUp);

    /** The row it stands on; the same object for all rows. */
    RowFields row();

    /** Ends the statement; called once. */
    void close();
}
