package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class NumericDateTest {
    @Test
    void secondsAreATime() {
        assertThat(NumericDate.of(1_300_819_380)).contains(Instant.parse("2011-03-22T18:43:00Z"));
        assertThat(NumericDate.of(1_300_819_380.9)).contains(Instant.parse("2011-03-22T18:43:00Z"));
        assertThat(NumericDate.of("1300819380")).isEmpty();
        assertThat(NumericDate.of(null)).isEmpty();
    }

    @Test
    void whatIsBeyondAllTimeIsAtItsEnd() {
        Instant latest = Instant.parse("9999-12-31T23:59:59Z");
        assertThat(NumericDate.of(1_700_000_000_000_000_000L)).contains(latest);
        assertThat(NumericDate.of(Long.MAX_VALUE)).contains(latest);
        assertThat(NumericDate.of(BigInteger.ONE.shiftLeft(64).add(BigInteger.TEN)))
                .contains(latest);
        assertThat(NumericDate.of(1e300)).contains(latest);
        assertThat(NumericDate.of(Long.MIN_VALUE)).contains(Instant.EPOCH);
        assertThat(NumericDate.of(-1e300)).contains(Instant.EPOCH);
    }
}
