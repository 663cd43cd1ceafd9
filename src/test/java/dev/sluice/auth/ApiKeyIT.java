package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.auth.AuthClient.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyIT extends AuthFixture {
    private int people;
    private Answer signedIn = Answer.NONE;

    @BeforeEach
    void signIn() {
        signedIn = client.register("key" + people++ + "@example.com");
    }

    @Test
    void a_key_acts_for_its_account_and_is_shown_once() {
        Answer created = create(Map.of("name", "Nightly export"));
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.text("key")).matches("sluice_[0-9a-f]{12}_[A-Za-z0-9_-]{43}");
        Answer seen = client.get("/signed-in", created.text("key"));
        assertThat(seen.text("subject"))
                .isEqualTo(signedIn.body().path("user").path("id").asText());
        assertThat(seen.body().path("roles").toString()).isEqualTo("[\"user\"]");
        assertThat(client.send("GET", "/signed-in", "", null, "X-API-Key", created.text("key"))
                        .status())
                .isEqualTo(200);
        JsonNode listed =
                client.get("/api/auth/keys", signedIn.text("accessToken")).body();
        assertThat(listed.path("keys")).hasSize(1);
        assertThat(listed.path("keys").get(0).path("lastUsedAt").asText())
                .isEqualTo(clock.instant().toString());
        assertThat(listed.toString()).doesNotContain(created.text("key"));
    }

    @Test
    void a_key_with_one_wrong_character_is_refused() {
        String key = create(Map.of("name", "k")).text("key");
        String wrong = key.substring(0, key.length() - 1) + (key.endsWith("A") ? "B" : "A");
        assertThat(client.get("/public", wrong).code()).isEqualTo("unauthorized");
        assertThat(client.get("/public", key + "A").code()).isEqualTo("unauthorized");
    }

    @Test
    void a_deleted_key_is_refused_at_once() {
        Answer created = create(Map.of("name", "k"));
        String path = "/api/auth/keys/" + created.text("id");
        String other = client.register("other-than" + people + "@example.com").text("accessToken");
        assertThat(client.delete(path, other).status()).isEqualTo(404);
        assertThat(client.delete(path, signedIn.text("accessToken")).status()).isEqualTo(204);
        assertThat(client.get("/public", created.text("key")).status()).isEqualTo(401);
        assertThat(client.delete(path, signedIn.text("accessToken")).status()).isEqualTo(404);
    }

    @Test
    void a_key_may_expire() {
        String key = create(Map.of("name", "k", "expiresIn", 60)).text("key");
        clock.advance(Duration.ofSeconds(59));
        assertThat(client.get("/public", key).status()).isEqualTo(200);
        clock.advance(Duration.ofSeconds(1));
        assertThat(client.get("/public", key).code()).isEqualTo("token_expired");
    }

    @Test
    void a_key_has_no_more_roles_than_its_account() {
        String none = create(Map.of("name", "k", "roles", List.of())).text("key");
        assertThat(client.get("/public", none).body().path("roles")).isEmpty();
        assertThat(create(Map.of("name", "k", "roles", List.of("admin"))).status())
                .isEqualTo(400);
        String key = create(Map.of("name", "k")).text("key");
        database.execute("UPDATE sluice.account SET roles = '{}' WHERE id = '"
                + signedIn.body().path("user").path("id").asText() + "'");
        assertThat(client.get("/public", key).body().path("roles")).isEmpty();
    }

    @Test
    void a_key_for_reading_does_not_write() {
        String key = create(Map.of("name", "k", "scope", "read")).text("key");
        assertThat(client.get("/signed-in", key).status()).isEqualTo(200);
        assertThat(client.post("/signed-in", key, Map.of()).status()).isEqualTo(403);
    }

    @Test
    void a_key_makes_no_keys_and_sees_no_sessions() {
        String key = create(Map.of("name", "k")).text("key");
        assertThat(client.post("/api/auth/keys", key, Map.of("name", "k")).status())
                .isEqualTo(403);
        assertThat(client.get("/api/auth/sessions", key).status()).isEqualTo(403);
        assertThat(client.get("/api/auth/me", key).status()).isEqualTo(200);
    }

    @Test
    void an_account_has_only_so_many_keys() {
        for (int i = 0; i < ApiKeys.MOST; i++) {
            assertThat(create(Map.of("name", "k" + i)).status()).isEqualTo(201);
        }
        Answer answer = create(Map.of("name", "one too many"));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("limit_reached");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":\"k\",\"expiresIn\":0}",
                "{\"name\":\"k\",\"expiresIn\":1.5}",
                "{\"name\":\"k\",\"expiresIn\":\"60\"}",
                "{\"name\":\"k\",\"expiresIn\":9223372036854775807}",
                "{\"name\":\"k\",\"roles\":\"user\"}",
                "{\"name\":\"k\",\"roles\":[1]}",
                "{\"name\":\"k\",\"scope\":\"write\"}"
            })
    void what_cannot_be_is_refused(String body) {
        assertThat(client.post("/api/auth/keys", signedIn.text("accessToken"), body)
                        .status())
                .isEqualTo(400);
    }

    private Answer create(Map<String, Object> body) {
        return client.post("/api/auth/keys", signedIn.text("accessToken"), body);
    }
}
