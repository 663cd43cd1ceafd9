package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ThrottleIT extends AuthFixture {
    @Override
    Map<String, String> settings() {
        return Map.of("auth.registration", "true", "auth.signin-rate", "5/m", "trusted-proxies", "127.0.0.1");
    }

    @Test
    void one_address_guesses_only_so_often() {
        for (int i = 0; i < 5; i++) {
            assertThat(guess("guess" + i + "@example.com", "10.0.0.1").status()).isEqualTo(401);
        }
        Answer answer = guess("guess5@example.com", "10.0.0.1");
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.code()).isEqualTo("too_many_requests");
        assertThat(answer.header("Retry-After")).isEqualTo("12");
        assertThat(guess("guess5@example.com", "10.0.0.2").status()).isEqualTo(401);
        clock.advance(Duration.ofSeconds(12));
        assertThat(guess("guess5@example.com", "10.0.0.1").status()).isEqualTo(401);
    }

    @Test
    void one_network_of_ipv6_counts_as_one_address() {
        for (int i = 0; i < 5; i++) {
            assertThat(guess("v6-" + i + "@example.com", "2001:db8:1:2::" + i).status())
                    .isEqualTo(401);
        }
        assertThat(guess("v6@example.com", "2001:db8:1:2:ffff::1").status()).isEqualTo(429);
        assertThat(guess("v6@example.com", "2001:db8:1:3::1").status()).isEqualTo(401);
    }

    @Test
    void one_account_is_guessed_at_only_so_often_from_anywhere() {
        for (int i = 0; i < 5; i++) {
            assertThat(guess("Target@example.com", "10.1.0." + i).status()).isEqualTo(401);
        }
        assertThat(guess("target@example.com", "10.1.0.9").status()).isEqualTo(429);
    }

    @Test
    void who_knows_the_password_signs_in_as_often_as_needed() {
        assertThat(client.register("knows@example.com").status()).isEqualTo(201);
        for (int i = 0; i < 12; i++) {
            assertThat(client.login("knows@example.com", PASSWORD).status()).isEqualTo(200);
        }
    }

    private Answer guess(String email, String address) {
        Map<String, String> body = Map.of("email", email, "password", "guess");
        return client.send("POST", "/api/auth/login", "", body, "X-Forwarded-For", address);
    }
}
