package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.TestDatabase;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Somebody sets the machine's clock: time stamps follow it, time-outs do not. */
class WallClockIT {
    @Test
    void attempts_do_not_come_back_because_the_clock_was_set() throws Exception {
        TestClock wall = new TestClock();
        TestClock ticks = new TestClock();
        try (TestDatabase database = TestDatabase.create();
                AuthNode node = AuthNode.start(database, wall, ticks, Map.of("auth.signin-rate", "5/m"))) {
            AuthClient client = new AuthClient(node.url());
            for (int i = 0; i < 5; i++) {
                assertThat(guess(client)).isEqualTo(401);
            }
            assertThat(guess(client)).isEqualTo(429);
            wall.advance(Duration.ofHours(1));
            assertThat(guess(client)).isEqualTo(429);
            wall.advance(Duration.ofHours(-2));
            ticks.advance(Duration.ofSeconds(12));
            assertThat(guess(client)).isEqualTo(401);
        }
    }

    @Test
    void a_secret_that_another_node_made_is_found_although_the_clock_was_set_back() throws Exception {
        TestClock wall = new TestClock();
        TestClock ticks = new TestClock();
        Map<String, String> settings = Map.of("auth.registration", "true");
        try (TestDatabase database = TestDatabase.create();
                AuthNode here = AuthNode.start(database, wall, ticks, settings);
                AuthNode there = AuthNode.start(database, wall, ticks, settings)) {
            AuthClient client = new AuthClient(here.url());
            assertThat(client.register("clock@example.com").status()).isEqualTo(201);
            database.execute(
                    "INSERT INTO sluice.signing_secret VALUES ('newer', sha256('newer'), now())",
                    "DELETE FROM sluice.signing_secret WHERE kid <> 'newer'");
            wall.advance(Duration.ofMinutes(-5));
            ticks.advance(Duration.ofSeconds(2));
            String token = new AuthClient(there.url())
                    .login("clock@example.com", AuthFixture.PASSWORD)
                    .text("accessToken");
            assertThat(client.get("/signed-in", token).status()).isEqualTo(200);
        }
    }

    private static int guess(AuthClient client) {
        return client.post("/api/auth/login", "", Map.of("email", "x@example.com", "password", "guess"))
                .status();
    }
}
