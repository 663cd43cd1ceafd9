package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.ProblemException;
import dev.sluice.settings.Rate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final TestClock clock = new TestClock();
    private final Throttle throttle = new Throttle(new Rate(2, Duration.ofSeconds(10)), clock);

    @Test
    void a_burst_is_followed_by_the_rate() {
        throttle.take("a");
        throttle.take("a");
        assertThatThrownBy(() -> throttle.take("a")).isInstanceOf(ProblemException.class);
        clock.advance(Duration.ofMillis(4_999));
        assertThatThrownBy(() -> throttle.take("a")).isInstanceOf(ProblemException.class);
        clock.advance(Duration.ofMillis(1));
        throttle.take("a");
        assertThatThrownBy(() -> throttle.take("a")).isInstanceOf(ProblemException.class);
    }

    @Test
    void keys_do_not_share() {
        throttle.take("a");
        throttle.take("a");
        assertThatCode(() -> throttle.take("b")).doesNotThrowAnyException();
    }

    @Test
    void a_pause_gives_no_more_than_a_burst() {
        throttle.take("a");
        clock.advance(Duration.ofDays(1));
        throttle.take("a");
        throttle.take("a");
        assertThatThrownBy(() -> throttle.take("a")).isInstanceOf(ProblemException.class);
    }

    @Test
    void an_attempt_given_back_counts_again() {
        throttle.take("a");
        throttle.take("a");
        throttle.giveBack("a");
        assertThatCode(() -> throttle.take("a")).doesNotThrowAnyException();
    }

    @Test
    void a_clock_that_goes_back_takes_nothing_away() {
        throttle.take("a");
        clock.advance(Duration.ofDays(-1));
        assertThatCode(() -> throttle.take("a")).doesNotThrowAnyException();
    }

    @Test
    void zero_means_no_limit() {
        Throttle open = new Throttle(Rate.UNLIMITED, clock);
        assertThatCode(() -> {
                    for (int i = 0; i < 1000; i++) {
                        open.take("a");
                    }
                })
                .doesNotThrowAnyException();
    }
}
