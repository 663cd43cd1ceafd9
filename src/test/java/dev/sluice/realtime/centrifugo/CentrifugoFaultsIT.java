package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that say what nobody understands, ask for what they may not have, or come and go: nothing of it stays. */
class CentrifugoFaultsIT {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 10_000 : 500;
    private static final int CONNECTIONS = 60;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String SECRET = "the secret of an application, long enough";

    private TestDatabase database;
    private TestServer server;

    @BeforeEach
    void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("realtime.token-secret", SECRET)
                .set("realtime.max-connections", Integer.toString(CONNECTIONS))
                .set("realtime.per-address", Integer.toString(CONNECTIONS))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        database.close();
    }

    @Test
    void whatNobodyUnderstandsEndsTheConnection() {
        String channel = "{\"id\":2,\"publish\":{\"channel\":\"demo:a\",\"data\":";
        for (String text : List.of(
                channel + "[".repeat(10_000),
                channel + "[".repeat(10_000) + "]".repeat(10_000) + "}}",
                channel + "1,\"data\":2}}",
                channel + "1}} {}",
                channel + "01}}",
                "{\"id\":2,\"id\":3,\"ping\":{}}",
                "\u0000",
                "null")) {
            assertThat(codeAfter(text))
                    .as(text.substring(0, Math.min(60, text.length())))
                    .isEqualTo(3501);
        }
        assertThat(codeAfter("{\"id\":2,\"send\":{\"data\":\"" + "x".repeat(70_000) + "\"}}"))
                .isEqualTo(1009);
        assertThat(figure("connections", "incomingBytes")).isZero();
    }

    @Test
    void namesAndDataThatCannotBeAreRefused() {
        for (String name :
                List.of("demo:\\u0000", "demo:a\\nb", "demo:a b", "demo:\\ud800", ":", "$gateway", "demo:<b>")) {
            try (Client client = Client.connected(server)) {
                for (String method : List.of("subscribe", "publish", "history", "presence", "presence_stats")) {
                    JsonNode answer = client.ask(2, method, "{\"channel\":\"" + name + "\",\"data\":1}");
                    assertThat(answer.at("/error/code").asInt())
                            .as(method + " " + name)
                            .isEqualTo(107);
                }
            }
        }
        try (Client client = Client.connected(server)) {
            for (String data : List.of("\"\\u0000\"", "\"\\ud800\"", "1e999999999")) {
                JsonNode answer = client.ask(2, "publish", "{\"channel\":\"demo:data\",\"data\":" + data + "}");
                assertThat(answer.at("/error/code").asInt()).as(data).isEqualTo(107);
            }
            assertThat(client.ask(3, "publish", "{\"channel\":\"demo:data\",\"data\":{\"n\":1}}")
                            .has("publish"))
                    .isTrue();
        }
        assertThat(figure("channels", "used")).isZero();
    }

    @Test
    void aBurstOfPublicationsIsRefusedInPartAndEndsNothing() {
        try (Client client = Client.connected(server)) {
            for (int id = 2; id < 190; id++) {
                client.socket().text("{\"id\":" + id + ",\"publish\":{\"channel\":\"live:burst\",\"data\":1}}");
            }
            JsonNode refused = Json.parse(client.socket().readText("error"));
            assertThat(refused.at("/error/code").asInt()).isEqualTo(111);
            await().atMost(LONG)
                    .until(() -> client.ask(500, "ping", "{}").path("id").asInt() == 500);
        }
    }

    @Test
    void manyNamesLeaveNothing() {
        for (int i = 0; i < 20; i++) {
            try (Client client = Client.connected(server)) {
                for (int j = 0; j < 40; j++) {
                    String params = "{\"channel\":\"demo:name" + (40 * i + j) + "\",\"limit\":1}";
                    client.ask(2, "presence", params);
                    client.ask(3, "history", params);
                    client.ask(4, "subscribe", params);
                    client.ask(5, "unsubscribe", params);
                }
            }
        }
        await().atMost(LONG).until(() -> figure("channels", "used") == 0);
    }

    @Test
    void forgedTokensOpenNothing() {
        String none = part("{\"alg\":\"none\"}") + "." + part("{\"sub\":\"42\"}") + ".";
        String otherKey = Jwts.builder()
                .subject("42")
                .signWith(
                        Keys.hmacShaKeyFor(
                                "another secret, which is as long as it has to be".getBytes(StandardCharsets.UTF_8)),
                        Jwts.SIG.HS256)
                .compact();
        String stronger = Jwts.builder()
                .subject("42")
                .signWith(Keys.hmacShaKeyFor(SECRET.repeat(2).getBytes(StandardCharsets.UTF_8)), Jwts.SIG.HS512)
                .compact();
        String forChannel = Jwts.builder()
                .subject("42")
                .claim("channel", "demo:a")
                .signWith(Keys.hmacShaKeyFor(SECRET.getBytes(StandardCharsets.UTF_8)))
                .compact();
        for (String token : List.of(none, otherKey, stronger, forChannel, "x", "a.b.c", "x".repeat(8000))) {
            try (Client client = Client.open(server)) {
                client.socket().text("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");
                assertThat(client.closeCode()).as(token).isEqualTo(3500);
            }
        }
        try (Client client = Client.open(server)) {
            JsonNode answer = client.ask("{\"id\":1,\"connect\":{\"token\":\"" + "x".repeat(9000) + "\"}}");
            assertThat(answer.at("/error/code").asInt()).isEqualTo(107);
        }
    }

    @Test
    void whoMayNotPublishIsToldSoAndNobodyHearsIt() {
        try (Client ann = Client.connected(server);
                Client ben = Client.connected(server);
                Client reader = Client.open(server)) {
            reader.connect("secret-user-123");
            ann.ask(2, "subscribe", "{\"channel\":\"updates\"}");
            for (String channel : List.of("updates", "tasks", "room:closed", "user:alice")) {
                JsonNode answer = ben.ask(3, "publish", "{\"channel\":\"" + channel + "\",\"data\":1}");
                assertThat(answer.at("/error/code").asInt()).as(channel).isEqualTo(103);
            }
            JsonNode answer = reader.ask(3, "publish", "{\"channel\":\"demo:open\",\"data\":1}");
            assertThat(answer.at("/error/code").asInt()).isEqualTo(103);
            database.execute("SELECT sluice.publish('updates', '{\"n\": 1}')");
            assertThat(ann.expect("/push/pub").at("/push/pub/offset").asLong()).isEqualTo(1);
        }
    }

    @Test
    void afterManyRoundsEverythingIsAsBefore() {
        try (Client watcher = Client.connected(server)) {
            watcher.ask(2, "subscribe", "{\"channel\":\"demo:watch\",\"join_leave\":true}");
            watcher.expect("/push/join");
            round(watcher, 0);
            long descriptors = descriptors();

            for (int i = 1; i < ROUNDS; i++) {
                round(watcher, i);
            }

            await().atMost(LONG).until(() -> figure("connections", "open") == 1);
            await().atMost(LONG).until(() -> figure("channels", "used") == 1);
            assertThat(figure("connections", "queuedBytes")).isZero();
            assertThat(figure("connections", "incomingBytes")).isZero();
            JsonNode there = watcher.ask(3, "presence_stats", "{\"channel\":\"demo:watch\"}");
            assertThat(there.at("/presence_stats/num_clients").asInt()).isEqualTo(1);
            // The client's connections for the figures, and those of the database's pool, come and go.
            await().atMost(LONG).until(() -> descriptors() <= descriptors + 20);
            checkLimit();
        }
    }

    /** Comes, listens, speaks, and drops in one of many ways. */
    private void round(Client watcher, int i) {
        Client client = Client.connected(server);
        client.socket()
                .text("{\"id\":2,\"subscribe\":{\"channel\":\"demo:watch\"}}\n"
                        + "{\"id\":3,\"subscribe\":{\"channel\":\"demo:c" + i % 7
                        + "\",\"recover\":true,\"epoch\":\"x\"}}\n"
                        + "{\"id\":4,\"subscribe\":{\"channel\":\"live:c" + i % 5 + "\"}}\n"
                        + "{\"id\":5,\"publish\":{\"channel\":\"live:c" + i % 5 + "\",\"data\":" + i + "}}");
        watcher.expect("/push/join");
        switch (i % 4) {
            case 0 -> client.close();
            case 1 -> client.socket().reset();
            case 2 -> {
                client.socket().sendClose(1000);
                client.close();
            }
            default -> {
                client.socket().frame(false, 0, RawWebSocket.TEXT, new byte[100]);
                client.close();
            }
        }
        watcher.expect("/push/leave");
    }

    /** Had a place been lost, these would not all fit. */
    private void checkLimit() {
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 1; i < CONNECTIONS; i++) {
                clients.add(Client.connected(server));
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    private int codeAfter(String text) {
        try (Client client = Client.connected(server)) {
            client.socket().text(text);
            return client.closeCode();
        }
    }

    /** A figure of {@code /api/stats}. */
    private long figure(String group, String name) {
        try (var in = URI.create(server.url("/api/stats")).toURL().openStream()) {
            return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .path(group)
                    .path(name)
                    .asLong(-1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
