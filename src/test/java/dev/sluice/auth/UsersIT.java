package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.app.CreateAdmin;
import dev.sluice.auth.AuthClient.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersIT extends AuthFixture {
    private String admin = "";
    private String adminId = "";

    @BeforeAll
    void makeAdmin() throws Exception {
        Map<String, String> parameters = Map.of(
                "sluice.database-url", database.jdbcUrl(),
                "sluice.database-user", database.user(),
                "sluice.database-password", database.password(),
                "sluice.auth.password-cost", "4");
        CreateAdmin.run(parameters, "Root@example.com", PASSWORD.toCharArray());
        Answer signedIn = client.login("root@example.com", PASSWORD);
        admin = signedIn.text("accessToken");
        adminId = signedIn.body().path("user").path("id").asText();
        assertThat(signedIn.body().path("user").path("roles").toString()).isEqualTo("[\"admin\"]");
    }

    @Test
    void pages_of_users_follow_one_another() {
        for (int i = 0; i < 5; i++) {
            client.register("page" + i + "@example.com");
        }
        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = client.get("/api/users?limit=2" + after, admin).body();
            page.path("users").forEach(user -> seen.add(user.path("email").asText()));
            after = page.path("next").isNull()
                    ? ""
                    : "&after=" + page.path("next").asText();
        } while (!after.isEmpty());
        assertThat(seen)
                .contains("page0@example.com", "page4@example.com", "root@example.com")
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=1001", "limit=x", "limit=", "after=x", "after='"})
    void a_wrong_page_is_refused(String query) {
        assertThat(client.get("/api/users?" + query, admin).status()).isEqualTo(400);
    }

    @Test
    void changed_roles_hold_at_once() {
        Answer signedIn = client.register("promoted@example.com");
        String token = signedIn.text("accessToken");
        assertThat(client.get("/editors", token).status()).isEqualTo(403);
        assertThat(patch(signedIn, Map.of("roles", List.of("user", "editor"))).status())
                .isEqualTo(200);
        assertThat(client.get("/editors", token).status()).isEqualTo(200);
        assertThat(client.get("/editors", token)
                        .body()
                        .path("claims")
                        .path("roles")
                        .toString())
                .isEqualTo("[\"user\",\"editor\"]");
    }

    @Test
    void a_disabled_account_is_out_at_once() {
        Answer signedIn = client.register("disabled@example.com");
        String key = client.post("/api/auth/keys", signedIn.text("accessToken"), Map.of("name", "k"))
                .text("key");
        String ticket = client.post("/api/auth/ticket", key, Map.of()).text("ticket");
        assertThat(patch(signedIn, Map.of("disabled", true))
                        .body()
                        .path("disabled")
                        .asBoolean())
                .isTrue();
        assertThat(client.get("/public", signedIn.text("accessToken")).status()).isEqualTo(401);
        assertThat(client.get("/public", key).status()).isEqualTo(401);
        assertThat(client.get("/stream?ticket=" + ticket, "").status()).isEqualTo(401);
        assertThat(client.refresh(signedIn.text("refreshToken")).status()).isEqualTo(401);
        Map<String, String> login = Map.of("email", "disabled@example.com", "password", PASSWORD);
        assertThat(client.post("/api/auth/login", "", login).code()).isEqualTo("account_disabled");
        assertThat(patch(signedIn, Map.of("disabled", false)).status()).isEqualTo(200);
        assertThat(client.refresh(signedIn.text("refreshToken")).status())
                .as("its sessions do not come back")
                .isEqualTo(401);
        assertThat(client.login("disabled@example.com", PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void the_last_admin_stays() {
        for (Map<String, Object> change :
                List.<Map<String, Object>>of(Map.of("roles", List.of("user")), Map.of("disabled", true))) {
            Answer answer = client.send("PATCH", "/api/users/" + adminId, admin, change);
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.code()).isEqualTo("last_admin");
        }
        assertThat(client.get("/api/users", admin).status()).isEqualTo(200);
    }

    @Test
    void the_path_of_one_user_takes_a_patch_alone() {
        assertThat(client.send("PATCH", "/api/users/no-id", admin, Map.of("disabled", true))
                        .status())
                .isEqualTo(404);
        assertThat(client.send(
                                "PATCH",
                                "/api/users/00000000-0000-0000-0000-000000000001",
                                admin,
                                Map.of("disabled", true))
                        .status())
                .isEqualTo(404);
        assertThat(client.delete("/api/users/" + adminId, admin).header("Allow"))
                .isEqualTo("PATCH");
        assertThat(client.post("/api/users", admin, Map.of()).status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"roles\":\"admin\"}", "{\"roles\":[\"two words\"]}", "{\"disabled\":\"yes\"}"})
    void what_cannot_be_is_refused(String body) {
        assertThat(client.send("PATCH", "/api/users/" + adminId, admin, body).status())
                .isEqualTo(400);
    }

    @Test
    void only_admins_may() {
        Answer signedIn = client.register("nosy@example.com");
        assertThat(client.get("/api/users", signedIn.text("accessToken")).status())
                .isEqualTo(403);
        assertThat(client.get("/api/users", "").status()).isEqualTo(401);
        assertThat(client.send("PATCH", "/api/users/" + adminId, signedIn.text("accessToken"), Map.of("disabled", true))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void the_operator_can_always_make_an_existing_account_admin() throws Exception {
        Answer before = client.register("locked-out@example.com");
        patch(before, Map.of("disabled", true));
        node.auth().createAdmin("locked-out@example.com", "another password".toCharArray());
        Answer after = client.login("locked-out@example.com", "another password");
        assertThat(after.body().path("user").path("roles").toString()).isEqualTo("[\"user\",\"admin\"]");
        Map<String, Object> back = Map.of("roles", List.of("user"));
        assertThat(patch(after, back).status()).isEqualTo(200);
    }

    private Answer patch(Answer signedIn, Map<String, Object> change) {
        String id = signedIn.body().path("user").path("id").asText();
        return client.send("PATCH", "/api/users/" + id, admin, change);
    }
}
