package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The rules by which a lane is chosen; what they need of the database is seen in {@link LanesIT}. */
class LanesTest {
    @Test
    void few_rows_are_for_the_cursor() {
        assertThat(Lanes.isSmall(new Estimate(0, 10, 500, 100))).isTrue();
        assertThat(Lanes.isSmall(new Estimate(0, 10, 1, 100_000))).isFalse();
        assertThat(Lanes.isSmall(new Estimate(0, 10, 1000, 100))).isFalse();
        assertThat(Lanes.isSmall(new Estimate(0, 10, Long.MAX_VALUE, Integer.MAX_VALUE)))
                .isFalse();
        assertThat(Lanes.isSmall(Estimate.NONE)).isTrue();
    }

    @Test
    void what_plans_worse_without_its_values_is_for_the_cursor() {
        Estimate withValues = new Estimate(0, 1000, 50_000, 100);
        assertThat(Lanes.isCostlier(new Estimate(0, 1100, 50_000, 100), withValues))
                .isFalse();
        assertThat(Lanes.isCostlier(new Estimate(0, 1300, 50_000, 100), withValues))
                .isTrue();
    }

    @Test
    void what_has_most_of_its_work_before_the_first_row_may_take_its_time() {
        assertThat(Lanes.patience(new Estimate(0.4, 1000, 50_000, 100))).isPositive();
        assertThat(Lanes.patience(new Estimate(900, 1000, 50_000, 100))).isEqualTo(Duration.ZERO);
    }
}
