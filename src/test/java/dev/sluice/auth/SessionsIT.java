package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.auth.AuthClient.Answer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionsIT extends AuthFixture {
    @Test
    void everybody_sees_their_own_sessions() {
        client.register("other@example.com");
        String first = client.register("own@example.com").text("accessToken");
        clock.advance(Duration.ofSeconds(1));
        String second = client.login("own@example.com", PASSWORD).text("accessToken");
        JsonNode sessions = client.get("/api/auth/sessions", second).body().path("sessions");
        assertThat(sessions).hasSize(2);
        assertThat(sessions.get(0).path("current").asBoolean()).isTrue();
        assertThat(sessions.get(1).path("current").asBoolean()).isFalse();
        assertThat(sessions.get(0).path("address").asText()).isEqualTo("127.0.0.1");
        assertThat(sessions.get(0).path("userAgent").asText()).startsWith("Java-http-client");
        assertThat(client.get("/api/auth/me", first).status()).isEqualTo(200);
    }

    @Test
    void one_session_can_be_ended_from_another() {
        String first = client.register("one@example.com").text("accessToken");
        clock.advance(Duration.ofSeconds(1));
        Answer second = client.login("one@example.com", PASSWORD);
        JsonNode sessions = client.get("/api/auth/sessions", first).body().path("sessions");
        String id = sessions.get(0).path("id").asText();
        assertThat(client.delete("/api/auth/sessions/" + id, first).status()).isEqualTo(204);
        assertThat(client.delete("/api/auth/sessions/" + id, first).status()).isEqualTo(404);
        assertThat(client.get("/api/auth/me", second.text("accessToken")).code())
                .isEqualTo("unauthorized");
        assertThat(client.refresh(second.text("refreshToken")).status()).isEqualTo(401);
    }

    @Test
    void all_others_can_be_ended_at_once() {
        String first = client.register("all@example.com").text("accessToken");
        String second = client.login("all@example.com", PASSWORD).text("accessToken");
        String third = client.login("all@example.com", PASSWORD).text("accessToken");
        assertThat(client.delete("/api/auth/sessions", third).status()).isEqualTo(204);
        assertThat(client.get("/api/auth/me", first).status()).isEqualTo(401);
        assertThat(client.get("/api/auth/me", second).status()).isEqualTo(401);
        assertThat(client.get("/api/auth/me", third).status()).isEqualTo(200);
    }

    @Test
    void nobody_ends_the_sessions_of_others() {
        String victim = client.register("victim@example.com").text("accessToken");
        String id = client.get("/api/auth/sessions", victim)
                .body()
                .path("sessions")
                .get(0)
                .path("id")
                .asText();
        String thief = client.register("thief@example.com").text("accessToken");
        assertThat(client.delete("/api/auth/sessions/" + id, thief).status()).isEqualTo(404);
        assertThat(client.delete("/api/auth/sessions/no-id", thief).status()).isEqualTo(404);
        assertThat(client.get("/api/auth/me", victim).status()).isEqualTo(200);
    }

    @Test
    void the_oldest_session_gives_way_to_one_too_many() {
        String first = client.register("many@example.com").text("accessToken");
        for (int i = 0; i < Sessions.MOST; i++) {
            clock.advance(Duration.ofSeconds(1));
            client.login("many@example.com", PASSWORD);
        }
        assertThat(client.get("/api/auth/me", first).status()).isEqualTo(401);
        String last = client.login("many@example.com", PASSWORD).text("accessToken");
        assertThat(client.get("/api/auth/sessions", last).body().path("sessions"))
                .hasSize(Sessions.MOST);
    }

    @Test
    void a_session_does_not_rotate_without_end() {
        String token = client.register("fast@example.com").text("refreshToken");
        for (int i = 1; i < RefreshTokens.MOST_IN_A_MINUTE; i++) {
            token = client.refresh(token).text("refreshToken");
        }
        Answer answer = client.refresh(token);
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header("Retry-After")).isEqualTo("60");
        clock.advance(Duration.ofSeconds(61));
        assertThat(client.refresh(token).status()).isEqualTo(200);
    }

    @Test
    void what_has_expired_is_swept() throws Exception {
        String token = client.register("swept@example.com").text("accessToken");
        client.post("/api/auth/ticket", token, Map.of());
        clock.advance(Duration.ofDays(31));
        client.register("kept@example.com");
        assertThat(node.auth().sweep()).isPositive();
        assertThat(node.auth().sweep()).isZero();
    }
}
