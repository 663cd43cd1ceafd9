package dev.sluice.broker;

import java.time.Duration;

/**
 * How much of a channel's stream is kept. Immutable.
 *
 * @param size publications at most; 0 = none are kept, and they get no offset
 * @param age how long they are kept
 */
public record Retention(int size, Duration age) {
    public static final Retention NOTHING = new Retention(0, Duration.ZERO);

    public boolean keeps() {
        return size > 0;
    }
}
