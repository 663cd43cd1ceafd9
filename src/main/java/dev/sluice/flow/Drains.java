package dev.sluice.flow;

import java.util.concurrent.Executor;

/** Who drains outboxes: each task writes to one client, and may block for as long as that takes nothing. */
interface Drains extends Executor, AutoCloseable {
    /** Long enough for several messages of a burst, too short to be noticed. */
    long SOON_MILLIS = 10;

    /** As {@link #execute}, in {@link #SOON_MILLIS}. */
    void executeSoon(Runnable task);

    @Override
    void close();
}
