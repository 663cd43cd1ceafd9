package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MonotonicClockTest {
    private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

    private Instant wall = START;
    /** Shortly before it overflows, as it may. */
    private long nanos = Long.MAX_VALUE - 10;

    private final MonotonicClock clock = new MonotonicClock(() -> wall, () -> nanos);

    @Test
    void begins_at_the_time_of_day() {
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(clock.millis()).isEqualTo(START.toEpochMilli());
    }

    @Test
    void goes_on_with_the_time_that_passes_and_not_with_the_clock_on_the_wall() {
        wall = START.minus(Duration.ofHours(1));
        assertThat(clock.instant()).isEqualTo(START);

        nanos += 1_500_000_000;
        wall = START.plus(Duration.ofDays(1));
        assertThat(clock.instant()).isEqualTo(START.plusMillis(1500));
    }

    @Test
    void the_machines_own_never_goes_back() {
        MonotonicClock real = new MonotonicClock();
        Instant before = real.instant();
        for (int i = 0; i < 1000; i++) {
            Instant now = real.instant();
            assertThat(now).isAfterOrEqualTo(before);
            before = now;
        }
    }
}
