package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeighbourhoodTest {
    @ParameterizedTest
    @ValueSource(strings = {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:0001:0002:0:0:0:7"})
    void one_subscriber_has_all_addresses_that_begin_with_the_same_64_bits(String address) {
        assertThat(Neighbourhood.of(address)).isEqualTo(Neighbourhood.of("2001:db8:1:2::"));
    }

    @Test
    void others_are_somebody_else() {
        assertThat(Neighbourhood.of("2001:db8:1:3::1")).isNotEqualTo(Neighbourhood.of("2001:db8:1:2::1"));
        assertThat(Neighbourhood.of("192.0.2.1")).isEqualTo("192.0.2.1");
        assertThat(Neighbourhood.of("::ffff:192.0.2.1")).isNotEqualTo(Neighbourhood.of("::ffff:192.0.2.2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", "no:address", "proxy.example", ":"})
    void what_is_no_address_stands_for_itself(String text) {
        assertThat(Neighbourhood.of(text)).isEqualTo(text);
    }
}
