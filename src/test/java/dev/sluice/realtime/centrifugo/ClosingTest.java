package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.realtime.Ending;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ClosingTest {
    @Test
    void codes_are_those_that_clients_know() {
        assertThat(Arrays.stream(Closing.values()).map(Closing::code))
                .containsExactly(
                        3000, 3001, 3004, 3005, 3006, 3008, 3009, 3010, 3011, 3012, 3013, 3014, 3500, 3501, 3502, 3503,
                        3504, 3505, 3506, 3507, 3508, 3509);
    }

    @Test
    void every_end_has_a_code_that_the_protocol_allows() {
        for (Ending ending : Ending.values()) {
            int code = Closing.of(ending).map(Closing::code).orElseGet(ending::code);
            assertThat(code)
                    .as(ending.name())
                    .satisfiesAnyOf(
                            one -> assertThat(one).isBetween(3000, 3999),
                            one -> assertThat(one).isIn(1009, 1013));
        }
    }

    @Test
    void what_is_not_known_is_a_forced_end() {
        assertThat(Closing.reason(3011)).isEqualTo("force reconnect");
        assertThat(Closing.reason(4500)).isEqualTo("force disconnect");
    }
}
