package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may have a socket, and for how long. */
class SocketAuthIT {
    private static final String PASSWORD = "a-long-password-1";
    private static final String ADMIN = "Bearer secret-admin-123";

    private static TestDatabase database;
    private static TestDatabase demoDatabase;
    /** No guests. */
    private static TestServer server;

    private static TestServer demo;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        demoDatabase = TestDatabase.create();
        server = strict().set("cors.origins", "https://app.example").start();
        demo = TestServer.demo(demoDatabase).start();
    }

    @AfterAll
    static void stop() {
        server.close();
        demo.close();
        database.close();
        demoDatabase.close();
    }

    @Test
    void withoutATokenNothingIsDoneAndTheSocketIsClosedSoon() {
        try (RawWebSocket socket = Gateways.open(server)) {
            socket.text("{\"type\":\"echo\",\"payload\":1}");
            assertThat(socket.readText()).contains("unauthorized");
            socket.text(Gateways.message("message", "Ann", "hello"));
            assertThat(socket.readText()).contains("unauthorized");
            assertThat(socket.readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void aTokenMayComeInEveryWay() throws Exception {
        JsonNode account = register("ways");
        String token = account.get("accessToken").asText();
        Gateways.ready(server, "Authorization: Bearer " + token).close();
        try (RawWebSocket query = RawWebSocket.open(server.url(Gateways.PATH + "?token=" + token))) {
            Gateways.echo(query);
        }
        try (RawWebSocket first = Gateways.open(server)) {
            first.text("{\"type\":\"auth\",\"payload\":{\"token\":\"" + token + "\"},\"id\":1}");
            assertThat(first.readText()).contains("\"ok\"").contains("\"ref\":1");
            Gateways.echo(first);
        }
    }

    @Test
    void aTicketOpensOneSocket() throws Exception {
        String token = register("ticket").get("accessToken").asText();
        String ticket = Gateways.post(server, "/api/auth/ticket", "{}", "Authorization", "Bearer " + token)
                .get("ticket")
                .asText();
        try (RawWebSocket first = RawWebSocket.open(server.url(Gateways.PATH + "?ticket=" + ticket));
                RawWebSocket second = RawWebSocket.open(server.url(Gateways.PATH + "?ticket=" + ticket))) {
            Gateways.echo(first);
            assertThat(second.readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void aTokenThatIsNotValidClosesTheSocketWithACodeThatPagesCanSee() throws Exception {
        String counted = "sluice_connections_refused_total{reason=\"unauthenticated\"";
        double before = Gateways.metric(server, counted);
        try (RawWebSocket query = RawWebSocket.open(server.url(Gateways.PATH + "?token=nonsense"));
                RawWebSocket header = Gateways.open(server, "Authorization: Bearer nonsense");
                RawWebSocket first = Gateways.open(server)) {
            assertThat(query.readToClose()).isEqualTo(4001);
            assertThat(header.readToClose()).isEqualTo(4001);
            first.text("{\"type\":\"auth\",\"payload\":{\"token\":\"nonsense\"}}");
            assertThat(first.readToClose()).isEqualTo(4001);
        }
        // The third was let in, and ended later.
        assertThat(Gateways.metric(server, counted) - before).isEqualTo(2);
    }

    @Test
    void theSocketEndsWithItsTokenUnlessANewOneComes() throws Exception {
        try (TestServer expiring = strict().set("auth.access-lifetime", "10s").start()) {
            register("expiry");
            try (RawWebSocket left = ready(expiring, login(expiring, "expiry"));
                    RawWebSocket renewed = ready(expiring, login(expiring, "expiry"))) {
                renewed.text(refresh(login(server, "expiry")));
                assertThat(renewed.readText()).contains("\"refreshed\"").contains("\"expiresIn\":");

                long before = System.nanoTime();
                assertThat(left.readToClose()).isEqualTo(4001);
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(60));
                Gateways.echo(renewed);
            }
        }
    }

    @Test
    void nobodyRefreshesWithTheTokenOfSomebodyElse() throws Exception {
        register("one");
        String other = register("other").get("accessToken").asText();
        try (RawWebSocket socket = ready(server, login(server, "one"))) {
            socket.text(refresh(other));
            assertThat(socket.readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void whoSignsOutIsDisconnectedAndOthersAreNot() throws Exception {
        String alice = Gateways.login(demo, "alice").get("accessToken").asText();
        String bob = Gateways.login(demo, "bob").get("accessToken").asText();
        try (RawWebSocket hers = Gateways.ready(demo, "Authorization: Bearer " + alice);
                RawWebSocket his = Gateways.ready(demo, "Authorization: Bearer " + bob);
                RawWebSocket guest = Gateways.ready(demo);
                RawWebSocket token = Gateways.ready(demo, "Authorization: " + ADMIN)) {
            Gateways.post(demo, "/api/auth/logout", "{}", "Authorization", "Bearer " + alice);

            assertThat(hers.readToClose()).isEqualTo(4001);
            Gateways.echo(his);
            Gateways.echo(guest);
            Gateways.echo(token);
            await().until(() -> Gateways.metric(demo, "sluice_connections_ended_total{reason=\"revoked\"") >= 1);
        }
    }

    @Test
    void whoIsDisabledIsDisconnected() throws Exception {
        JsonNode bob = Gateways.login(demo, "bob");
        String path = "/api/users/" + bob.get("user").get("id").asText();
        try (RawWebSocket his = Gateways.ready(
                demo, "Authorization: Bearer " + bob.get("accessToken").asText())) {
            patch(path, "{\"disabled\":true}");
            assertThat(his.readToClose()).isEqualTo(4001);
        } finally {
            patch(path, "{\"disabled\":false}");
        }
    }

    @Test
    void aKeyThatIsDeletedDisconnects() throws Exception {
        String alice =
                "Bearer " + Gateways.login(demo, "alice").get("accessToken").asText();
        JsonNode key = Gateways.post(demo, "/api/auth/keys", "{\"name\":\"socket\"}", "Authorization", alice);
        try (RawWebSocket socket =
                Gateways.ready(demo, "Authorization: Bearer " + key.get("key").asText())) {
            HttpRequest delete = HttpRequest.newBuilder(URI.create(
                            demo.url("/api/auth/keys/" + key.get("id").asText())))
                    .header("Authorization", alice)
                    .DELETE()
                    .build();
            assertThat(Gateways.HTTP
                            .send(delete, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isBetween(200, 204);
            assertThat(socket.readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void onlyPagesOfAllowedOriginsMayConnect() throws Exception {
        String own = server.url().substring(0, server.url().length() - 1);
        String token = "?token=" + register("origin").get("accessToken").asText();
        assertThat(status(server, "", own)).isEqualTo("101");
        assertThat(status(server, "", "https://app.example")).isEqualTo("101");
        assertThat(status(server, token, "https://evil.example")).isEqualTo("403");
        assertThat(status(server, "", own + ".evil.example")).isEqualTo("403");
        assertThat(status(server, "", "null")).isEqualTo("403");
        assertThat(status(server, token, "null")).isEqualTo("101");
        assertThat(status(demo, "", "null")).isEqualTo("101");
        assertThat(status(demo, "", "https://app.example")).isEqualTo("403");
    }

    private static String status(TestServer of, String query, String origin) {
        try (RawWebSocket socket = RawWebSocket.connect(of.url(Gateways.PATH + query), 0, "Origin: " + origin)) {
            return socket.handshake().split(" ")[1];
        }
    }

    private static JsonNode register(String name) throws Exception {
        return Gateways.post(
                server,
                "/api/auth/register",
                "{\"email\":\"" + name + "@example.com\",\"password\":\"" + PASSWORD + "\",\"name\":\"" + name + "\"}");
    }

    private static String login(TestServer of, String name) throws Exception {
        return Gateways.post(
                        of,
                        "/api/auth/login",
                        "{\"email\":\"" + name + "@example.com\",\"password\":\"" + PASSWORD + "\"}")
                .get("accessToken")
                .asText();
    }

    private static RawWebSocket ready(TestServer of, String token) {
        return Gateways.ready(of, "Authorization: Bearer " + token);
    }

    private static String refresh(String token) {
        return "{\"type\":\"refresh\",\"payload\":{\"token\":\"" + token + "\"}}";
    }

    private static TestServer.Builder strict() {
        return TestServer.with(database)
                .set("auth.registration", "true")
                .set("auth.password-cost", "4")
                .set("auth.signin-rate", "0");
    }

    private static void patch(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(demo.url(path)))
                .header("Authorization", ADMIN)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                .build();
        assertThat(Gateways.HTTP
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }
}
