package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
    void addressesOfThisMachine(String address) {
        assertThat(Loopback.is(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.1", "128.0.0.1", "localhost", "127.0.0.1.example.com", "::2", "1127.0.0.1"})
    void everythingElse(String address) {
        assertThat(Loopback.is(address)).isFalse();
    }
}
