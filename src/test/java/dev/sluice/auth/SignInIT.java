package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignInIT extends AuthFixture {
    @Test
    void somebody_registers_and_is_signed_in() {
        Answer answer = client.register("New@Example.com");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.body().path("user").path("email").asText()).isEqualTo("new@example.com");
        assertThat(answer.body().path("user").path("roles").toString()).isEqualTo("[\"user\"]");
        Answer me = client.get("/api/auth/me", answer.text("accessToken"));
        assertThat(me.status()).isEqualTo(200);
        assertThat(me.body()).isEqualTo(answer.body().path("user"));
    }

    @Test
    void the_case_of_an_address_does_not_matter() {
        client.register("Case@Example.com");
        assertThat(client.login("cASE@example.COM", PASSWORD).status()).isEqualTo(200);
        Answer again = client.register("CASE@example.com");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.code()).isEqualTo("conflict");
    }

    @Test
    void a_feature_sees_subject_name_roles_and_claims() {
        Answer signedIn = client.register("claims@example.com");
        Answer seen = client.get("/signed-in", signedIn.text("accessToken"));
        assertThat(seen.text("subject"))
                .isEqualTo(signedIn.body().path("user").path("id").asText());
        assertThat(seen.text("name")).isEqualTo("Somebody");
        assertThat(seen.body().path("roles").toString()).isEqualTo("[\"user\"]");
        assertThat(seen.body().path("claims").path("sub").asText()).isEqualTo(seen.text("subject"));
        assertThat(seen.body().path("claims").path("exp").asLong())
                .isEqualTo(clock.instant().plusSeconds(900).getEpochSecond());
        assertThat(seen.body().path("claims").path("iss").asText()).isEqualTo("sluice");
        assertThat(seen.body().path("claims").path("email").asText()).isEqualTo("claims@example.com");
    }

    @ParameterizedTest
    @CsvSource({"known@example.com,wrong password", "unknown@example.com,correct horse", "no address,correct horse"})
    void wrong_address_and_wrong_password_look_alike(String email, String password) {
        client.register("known@example.com");
        Answer answer = client.post("/api/auth/login", "", Map.of("email", email, "password", password));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("wrong_credentials");
        assertThat(answer.text("detail")).isEqualTo("E-mail or password is wrong.");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    }

    @Test
    void what_bcrypt_would_ignore_is_part_of_the_password() {
        String longest = "x".repeat(72);
        Map<String, String> body = Map.of("email", "long@example.com", "password", longest, "name", "Long");
        assertThat(client.post("/api/auth/register", "", body).status()).isEqualTo(201);
        assertThat(client.login("long@example.com", longest).status()).isEqualTo(200);
        Map<String, String> longer = Map.of("email", "long@example.com", "password", longest + "y");
        assertThat(client.post("/api/auth/login", "", longer).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"email\":\"a@b.c\",\"password\":\"short\",\"name\":\"A\"}",
                "{\"email\":\"a@b.c\",\"password\":\"ääääääääääääääääääääääääääääääääääääää\",\"name\":\"A\"}",
                "{\"email\":\"a@b.c\",\"password\":\"nul\\u0000character\",\"name\":\"A\"}",
                "{\"email\":\"a@b.c\",\"password\":\"long enough\",\"name\":\"\"}",
                "{\"email\":\"a@b.c\",\"password\":\"long enough\",\"name\":\"tab\\tname\"}",
                "{\"email\":\"a@b.c\",\"password\":\"long enough\",\"name\":\"half \\ud83d smile\"}",
                "{\"email\":\"a@b.c\",\"password\":\"long enough\",\"name\":17}",
                "{\"email\":\"no address\",\"password\":\"long enough\",\"name\":\"A\"}",
                "{\"email\":\"a@b@c\",\"password\":\"long enough\",\"name\":\"A\"}",
                "{\"email\":\"nul\\u0000@b.c\",\"password\":\"long enough\",\"name\":\"A\"}",
                "{\"email\":\"half\\ud83d@b.c\",\"password\":\"long enough\",\"name\":\"A\"}",
                "[]",
                "{",
                ""
            })
    void what_cannot_be_is_refused_with_its_reason(String body) {
        Answer answer = client.post("/api/auth/register", "", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("detail")).isNotEmpty();
    }

    @Test
    void hostile_texts_at_sign_in_are_just_wrong() {
        for (String email : new String[] {"'; DROP TABLE account--@x", "nul\\u0000@b.c", "\\ud83d@b.c"}) {
            String body = "{\"email\":\"" + email + "\",\"password\":\"nul\\u0000 \\ud83d\"}";
            assertThat(client.post("/api/auth/login", "", body).code()).isEqualTo("wrong_credentials");
        }
    }

    @Test
    void a_body_of_another_type_or_too_large_is_refused() {
        Answer type = client.send("POST", "/api/auth/login", "", null, "Content-Type", "text/plain");
        assertThat(type.status()).isEqualTo(415);
        String large = "{\"email\":\"" + "x".repeat(70_000) + "\"}";
        assertThat(client.post("/api/auth/login", "", large).status()).isEqualTo(413);
    }

    @Test
    void logging_out_ends_the_session_at_once() {
        Answer signedIn = client.register("out@example.com");
        Answer out = client.post("/api/auth/logout", signedIn.text("accessToken"), Map.of());
        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("Set-Cookie")).contains("sluice_refresh=;", "Expires=Thu, 01 Jan 1970");
        assertThat(client.get("/api/auth/me", signedIn.text("accessToken")).status())
                .isEqualTo(401);
        assertThat(client.refresh(signedIn.text("refreshToken")).status()).isEqualTo(401);
    }

    @Test
    void a_refresh_token_suffices_to_log_out() {
        Answer signedIn = client.register("out2@example.com");
        Map<String, String> body = Map.of("refreshToken", signedIn.text("refreshToken"));
        assertThat(client.post("/api/auth/logout", "", body).status()).isEqualTo(204);
        assertThat(client.refresh(signedIn.text("refreshToken")).status()).isEqualTo(401);
        assertThat(client.post("/api/auth/logout", "", Map.of()).status()).isEqualTo(401);
    }

    @Test
    void another_password_ends_the_other_sessions() {
        Answer here = client.register("change@example.com");
        Answer there = client.login("change@example.com", PASSWORD);
        Map<String, String> wrong = Map.of("currentPassword", "wrong", "newPassword", "battery staple");
        assertThat(client.post("/api/auth/password", here.text("accessToken"), wrong)
                        .code())
                .isEqualTo("wrong_credentials");
        Map<String, String> right = Map.of("currentPassword", PASSWORD, "newPassword", "battery staple");
        assertThat(client.post("/api/auth/password", here.text("accessToken"), right)
                        .status())
                .isEqualTo(204);
        assertThat(client.get("/api/auth/me", here.text("accessToken")).status())
                .isEqualTo(200);
        assertThat(client.get("/api/auth/me", there.text("accessToken")).status())
                .isEqualTo(401);
        assertThat(client.login("change@example.com", "battery staple").status())
                .isEqualTo(200);
    }

    @Test
    void unknown_paths_and_methods_are_told_apart() {
        assertThat(client.get("/api/auth/nothing", "").status()).isEqualTo(404);
        Answer method = client.get("/api/auth/login", "");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.header("Allow")).isEqualTo("POST");
    }

    @Test
    void the_database_holds_no_secret_in_clear() throws SQLException {
        Answer answer = client.register("secret@example.com");
        Answer second = client.refresh(answer.text("refreshToken"));
        String ticket = client.post("/api/auth/ticket", second.text("accessToken"), Map.of())
                .text("ticket");
        String key = client.post("/api/auth/keys", second.text("accessToken"), Map.of("name", "k"))
                .text("key");
        String all = dump();
        assertThat(all).contains("secret@example.com");
        assertThat(all)
                .doesNotContain(PASSWORD, answer.text("refreshToken"), second.text("refreshToken"), ticket, key)
                .doesNotContain(key.substring(key.lastIndexOf('_')));
    }

    private String dump() throws SQLException {
        StringBuilder all = new StringBuilder();
        try (Connection connection = database.connect()) {
            for (String table : new String[] {"account", "session", "refresh_token", "ticket", "api_key"}) {
                try (ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT t::text || row_to_json(t)::text FROM sluice." + table + " t")) {
                    while (rows.next()) {
                        all.append(rows.getString(1)).append('\n');
                    }
                }
            }
        }
        return all.toString();
    }
}
