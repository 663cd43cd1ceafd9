package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may talk and listen on {@code /ws} where there are no guests, and for how long. */
class ChatAuthIT {
    private static final String PASSWORD = "a-long-password-1";
    private static final String SECRET = "the secret of an application, long enough";

    private static TestDatabase database;
    private static TestServer server;
    private static JsonNode admin;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.create();
        server = strict().start();
        register("admin");
        database.execute("UPDATE sluice.account SET roles = '{user,admin}' WHERE email = 'admin@example.com'");
        admin = login(server, "admin");
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void withoutATokenNothingIsDoneAndTheSocketIsClosedSoon() {
        try (RawWebSocket socket = RawWebSocket.open(server.url("/ws"))) {
            socket.text("{\"type\":\"chat:join\",\"payload\":{}}");
            assertThat(socket.readText()).contains("\"chat:error\"").contains("unauthorized");
            socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"tasks\"}}");
            assertThat(socket.readText()).contains("\"error\"").contains("unauthorized");
            assertThat(socket.readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void aTokenMayComeInEveryWay() throws Exception {
        JsonNode account = register("ways");
        String token = token(account);
        String ticket = Json.parse(
                        ChatClient.send(server, "POST", "/api/auth/ticket", "{}", "Authorization", "Bearer " + token)
                                .body())
                .path("ticket")
                .asText();
        for (String query : new String[] {"?token=" + token, "?ticket=" + ticket}) {
            try (ChatClient client = ChatClient.open(server, query)) {
                assertThat(client.userId()).isEqualTo(id(account));
            }
        }
        try (RawWebSocket socket = RawWebSocket.open(server.url("/ws"), "Authorization: Bearer " + token)) {
            assertThat(socket.readText()).contains("\"connected\"").contains(id(account));
        }
        try (RawWebSocket socket = RawWebSocket.open(server.url("/ws"))) {
            socket.text("{\"type\":\"auth\",\"payload\":{\"token\":\"" + token + "\"}}");
            assertThat(socket.readText()).contains("\"connected\"").contains(id(account));
        }
    }

    @Test
    void whoIsDisabledIsPutOutAndTheOthersAreToldSo() throws Exception {
        JsonNode eve = register("eve");
        try (ChatClient ann = ChatClient.open(server, "?token=" + token(register("ann")));
                ChatClient her = ChatClient.open(server, "?token=" + token(eve))) {
            ann.join("Ann", "disabled");
            her.join("Eve", "disabled");
            ann.expect("chat:user_joined");
            String path = "/api/users/" + id(eve);
            assertThat(ChatClient.send(
                                    server,
                                    "PATCH",
                                    path,
                                    "{\"disabled\":true}",
                                    "Authorization",
                                    "Bearer " + token(admin))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(her.socket().readToClose()).isEqualTo(4001);
            assertThat(ann.expect("chat:user_left").path("userId").asText()).isEqualTo(id(eve));
        }
    }

    @Test
    void whoSignsOutIsPutOut() throws Exception {
        String token = token(register("leaver"));
        try (ChatClient client = ChatClient.open(server, "?token=" + token)) {
            ChatClient.send(server, "POST", "/api/auth/logout", "{}", "Authorization", "Bearer " + token);
            assertThat(client.socket().readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void aConnectionEndsWithItsTokenUnlessANewOneComes() throws Exception {
        register("short");
        try (TestServer expiring = strict().set("auth.access-lifetime", "10s").start();
                ChatClient left = ChatClient.open(expiring, "?token=" + token(login(expiring, "short")));
                ChatClient renewed = ChatClient.open(expiring, "?token=" + token(login(expiring, "short")))) {
            renewed.join("Renewed", "expiry");
            renewed.say("refresh", "{\"token\":\"" + token(login(server, "short")) + "\"}");
            // More than the other's token ever had.
            assertThat(renewed.expect("refreshed").path("expiresIn").asLong()).isGreaterThan(10);
            assertThat(left.socket().readToClose()).isEqualTo(4001);
            renewed.say("chat:message", "{\"text\":\"still here\"}");
            assertThat(renewed.expect("chat:message").path("text").asText()).isEqualTo("still here");
        }
    }

    @Test
    void aSubscriptionTokenOpensItsChannelForAsLongAsItSays() throws Exception {
        JsonNode account = register("subscriber");
        try (ChatClient client = ChatClient.open(server, "?token=" + token(account))) {
            subscribe(client, "");
            assertThat(client.expect("error").path("code").asText()).isEqualTo("permission_denied");
            subscribe(client, sign(grant(id(account), "orders:2", 60)));
            assertThat(client.expect("error").path("code").asText()).isEqualTo("permission_denied");
            subscribe(client, sign(grant("somebody else", "orders:1", 60)));
            assertThat(client.expect("error").path("code").asText()).isEqualTo("permission_denied");
            subscribe(client, sign(grant(id(account), "orders:1", -300)));
            assertThat(client.expect("error").path("code").asText()).isEqualTo("token_expired");

            subscribe(client, sign(grant(id(account), "orders:1", 60)));
            assertThat(client.expect("channel:subscribed").path("expiresIn").asLong())
                    .isBetween(1L, 60L);
            String longer = sign(grant(id(account), "orders:1", 3600));
            client.say("channel:refresh", "{\"channel\":\"orders:1\",\"token\":\"" + longer + "\"}");
            assertThat(client.expect("ok").path("expiresIn").asLong()).isGreaterThan(60);
            database.execute("SELECT sluice.publish('orders:1', '{\"state\":\"paid\"}'::jsonb)");
            assertThat(client.expect("channel:message")
                            .path("data")
                            .path("state")
                            .asText())
                    .isEqualTo("paid");
        }
    }

    private static void subscribe(ChatClient client, String token) {
        client.say("channel:subscribe", "{\"channel\":\"orders:1\",\"token\":\"" + token + "\"}");
    }

    private static JwtBuilder grant(String subject, String channel, long seconds) {
        return Jwts.builder()
                .subject(subject)
                .claim("channel", channel)
                .expiration(Date.from(Instant.now().plusSeconds(seconds)));
    }

    private static String sign(JwtBuilder token) {
        return token.signWith(Keys.hmacShaKeyFor(SECRET.getBytes(StandardCharsets.UTF_8)))
                .compact();
    }

    private static JsonNode register(String name) throws Exception {
        return Json.parse(ChatClient.send(server, "POST", "/api/auth/register", Json.text(credentials(name)))
                .body());
    }

    private static JsonNode login(TestServer of, String name) throws Exception {
        return Json.parse(ChatClient.send(of, "POST", "/api/auth/login", Json.text(credentials(name)))
                .body());
    }

    private static Map<String, String> credentials(String name) {
        return Map.of("email", name + "@example.com", "password", PASSWORD, "name", name);
    }

    private static String token(JsonNode answer) {
        return answer.path("accessToken").asText();
    }

    private static String id(JsonNode answer) {
        return answer.path("user").path("id").asText();
    }

    private static TestServer.Builder strict() {
        return TestServer.with(database)
                .set("auth.registration", "true")
                .set("auth.password-cost", "4")
                .set("auth.signin-rate", "0")
                .set("realtime.token-secret", SECRET)
                .set("namespace.orders.subscribe", "token")
                .set("namespace.orders.history-size", "10");
    }
}
