package dev.sluice.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is told otherwise. Thread-safe. */
final class TestClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-21T10:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    synchronized void advance(Duration time) {
        now = now.plus(time);
    }
}
