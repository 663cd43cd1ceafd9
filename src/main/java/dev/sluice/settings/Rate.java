package dev.sluice.settings;

import java.time.Duration;

/**
 * So many events in a period, with a burst of as many.
 *
 * @param events events allowed in a period; 0 = no limit
 * @param period the period
 */
public record Rate(int events, Duration period) {
    public static final Rate UNLIMITED = new Rate(0, Duration.ofSeconds(1));

    public boolean unlimited() {
        return events == 0;
    }
}
