package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "demo:a, demo:a, true",
        "demo:a, demo:ab, false",
        "demo:*, demo:ab, true",
        "demo:*, demo:, true",
        "*:a, demo:a, true",
        "*a*b, xaab, true",
        "*a*b, xaac, false",
        "d**a, demo:a, true",
        "*, anything, true",
        "demo.a, demo:a, false",
        "(a|b)+, b, false"
    })
    void a_star_stands_for_any_part(String pattern, String text, boolean matches) {
        assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
    }

    @org.junit.jupiter.api.Test
    void many_stars_take_no_longer() {
        assertThat(new Glob("*a".repeat(100) + "b").matches("a".repeat(255))).isFalse();
    }
}
