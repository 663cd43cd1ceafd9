package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.Rate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private final TokenBucket bucket = new TokenBucket(new Rate(5, Duration.ofSeconds(1)), 1000);

    @Test
    void aBurstIsWhatThePeriodAllows() {
        assertThat(taken(10, 1000)).isEqualTo(5);
    }

    @Test
    void itFillsUpAsTimePassesAndNoFurther() {
        assertThat(taken(10, 1000)).isEqualTo(5);
        assertThat(taken(10, 1400)).isEqualTo(2);
        assertThat(taken(10, 60_000)).isEqualTo(5);
    }

    @Test
    void aClockThatStandsStillGivesNothing() {
        assertThat(taken(10, 1000)).isEqualTo(5);
        assertThat(taken(10, 1000)).isZero();
        assertThat(taken(10, 900)).isZero();
    }

    @Test
    void withoutARateThereIsNoLimit() {
        TokenBucket open = new TokenBucket(Rate.UNLIMITED, 0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(open.take(0)).isTrue();
        }
    }

    private int taken(int attempts, long now) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += bucket.take(now) ? 1 : 0;
        }
        return taken;
    }
}
