package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void countsEachKeyUpToTheLimitAndForgetsWhatIsGivenBack() {
        Tally tally = new Tally(2);
        assertThat(tally.take("a")).isTrue();
        assertThat(tally.take("a")).isTrue();
        assertThat(tally.take("a")).isFalse();
        assertThat(tally.take("b")).isTrue();

        tally.give("a");
        assertThat(tally.take("a")).isTrue();
        tally.give("a");
        tally.give("a");
        tally.give("b");
        assertThat(tally.keys()).isZero();
    }

    @Test
    void withoutALimitItOnlyCounts() {
        Tally tally = new Tally(0);
        for (int i = 0; i < 1000; i++) {
            assertThat(tally.take("a")).isTrue();
        }
        assertThat(tally.keys()).isEqualTo(1);
    }
}
