package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import dev.sluice.support.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoIT {
    private static final Map<String, String> DEMO = Map.of("embedded-database", "true");

    private final TestClock clock = new TestClock();
    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void dropDatabase() {
        database.close();
    }

    @ParameterizedTest
    @CsvSource({"alice,user", "bob,user", "admin,admin"})
    void demo_accounts_sign_in(String name, String role) throws Exception {
        try (AuthNode node = AuthNode.start(database, clock, DEMO)) {
            Answer answer = new AuthClient(node.url()).login(name + "@example.com", name + "-demo");
            assertThat(answer.body().path("user").path("roles").toString()).isEqualTo("[\"" + role + "\"]");
        }
    }

    @Test
    void demo_tokens_read_and_write_as_they_should() throws Exception {
        try (AuthNode node = AuthNode.start(database, clock, DEMO)) {
            AuthClient client = new AuthClient(node.url());
            assertThat(client.get("/signed-in", "secret-user-123").text("subject"))
                    .isEqualTo("demo-reader");
            assertThat(client.post("/signed-in", "secret-user-123", Map.of()).status())
                    .isEqualTo(403);
            assertThat(client.get("/api/users", "secret-user-123").status()).isEqualTo(403);
            assertThat(client.post("/signed-in", "secret-admin-123", Map.of()).status())
                    .isEqualTo(200);
            assertThat(client.get("/api/users", "secret-admin-123").status()).isEqualTo(200);
            assertThat(client.get("/signed-in", "secret-user-124").status()).isEqualTo(401);
            assertThat(client.post("/api/auth/keys", "secret-admin-123", Map.of("name", "k"))
                            .status())
                    .isEqualTo(403);
            assertThat(client.get("/api/auth/me", "secret-admin-123").text("id"))
                    .isEqualTo("demo-admin");
        }
    }

    @Test
    void anybody_may_register_in_the_demo_and_keeps_the_account() throws Exception {
        try (AuthNode node = AuthNode.start(database, clock, DEMO)) {
            assertThat(new AuthClient(node.url()).register("real@example.com").status())
                    .isEqualTo(201);
        }
        try (AuthNode node = AuthNode.start(database, clock, Map.of())) {
            assertThat(new AuthClient(node.url())
                            .login("real@example.com", AuthFixture.PASSWORD)
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_start_without_the_demo_leaves_nothing_of_it() throws Exception {
        String accessToken;
        try (AuthNode node = AuthNode.start(database, clock, DEMO)) {
            accessToken = new AuthClient(node.url())
                    .login("admin@example.com", "admin-demo")
                    .text("accessToken");
        }
        try (AuthNode node = AuthNode.start(database, clock, Map.of())) {
            AuthClient client = new AuthClient(node.url());
            assertThat(client.get("/public", accessToken).status()).isEqualTo(401);
            assertThat(client.get("/public", "secret-admin-123").status()).isEqualTo(401);
            Map<String, String> login = Map.of("email", "admin@example.com", "password", "admin-demo");
            assertThat(client.post("/api/auth/login", "", login).code()).isEqualTo("wrong_credentials");
        }
    }

    @Test
    void the_demo_takes_no_account_from_anybody() throws Exception {
        try (AuthNode node = AuthNode.start(database, clock, Map.of("auth.registration", "true"))) {
            new AuthClient(node.url()).register("alice@example.com");
        }
        try (AuthNode node = AuthNode.start(database, clock, DEMO)) {
            AuthClient client = new AuthClient(node.url());
            assertThat(client.login("alice@example.com", AuthFixture.PASSWORD).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void outside_the_demo_registration_is_closed() throws Exception {
        try (AuthNode node = AuthNode.start(database, clock, Map.of())) {
            Answer answer = new AuthClient(node.url()).register("early@example.com");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.code()).isEqualTo("registration_closed");
        }
    }

    @Test
    void registration_can_be_closed_in_the_demo() throws Exception {
        Map<String, String> closed = Map.of("embedded-database", "true", "auth.registration", "false");
        try (AuthNode node = AuthNode.start(database, clock, closed)) {
            assertThat(new AuthClient(node.url()).register("early@example.com").status())
                    .isEqualTo(403);
        }
    }
}
