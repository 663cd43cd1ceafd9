package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that ask for what there cannot be, or what they may not, or come and go many times: nothing of it stays. */
class ChatFaultsIT {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 10_000 : 500;
    private static final int ROOMS = 20;
    private static final int MEMBERS = 10;
    private static final int CONNECTIONS = 60;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String USER = "Authorization: Bearer secret-user-123";

    /** As they stand in JSON. */
    private static final List<String> NAMES = List.of(
            "demo:\\u0000",
            "demo:a\\u0007",
            "demo:a\\nb",
            "demo:\\u007f",
            "demo:\\u0085",
            "demo:\\u202eb",
            "demo:\\u2028",
            "demo:\\ud800",
            "demo:a b",
            "demo\\u0000:a",
            "\\u0001",
            ":",
            "demo:",
            "demo:<b>",
            "$gateway",
            "demo:" + "x".repeat(300));

    private TestDatabase database;
    private TestServer server;

    @BeforeEach
    void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("realtime.max-connections", Integer.toString(CONNECTIONS))
                .set("realtime.per-user", Integer.toString(CONNECTIONS))
                .set("realtime.per-address", Integer.toString(CONNECTIONS))
                .set("chat.max-rooms", Integer.toString(ROOMS))
                .set("chat.room-members", Integer.toString(MEMBERS))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        database.close();
    }

    private RawWebSocket open(String... headers) {
        RawWebSocket socket = RawWebSocket.open(server.url("/ws"), headers);
        socket.readText("connected");
        return socket;
    }

    private static JsonNode ask(RawWebSocket socket, String type, String payload) {
        socket.text("{\"type\":\"" + type + "\",\"payload\":" + payload + ",\"id\":\"" + type + "\"}");
        return Json.parse(socket.readText("\"ref\":\"" + type + "\""));
    }

    private static JsonNode join(RawWebSocket socket, String name, String room) {
        return ask(socket, "chat:join", "{\"name\":\"" + name + "\",\"room\":\"" + room + "\"}");
    }

    private static String code(JsonNode error) {
        assertThat(error.path("type").asText()).as("%s", error).endsWith("error");
        return error.path("payload").path("code").asText();
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

    @Test
    void namesOfWhatCannotBeShownAreRefusedEverywhere() {
        for (String name : NAMES) {
            try (RawWebSocket socket = open()) {
                String payload = "{\"channel\":\"" + name + "\",\"data\":1,\"typing\":true}";
                for (String type :
                        List.of("channel:subscribe", "channel:publish", "channel:typing", "history", "presence:get")) {
                    assertThat(code(ask(socket, type, payload)))
                            .as(type + " " + name)
                            .isEqualTo("bad_request");
                }
                if (name.startsWith("demo:") && name.length() > 5) {
                    assertThat(code(join(socket, "", name.substring(5)))).isIn("bad_request", "too_long");
                }
                assertThat(ask(socket, "ping", "{}").path("type").asText()).isEqualTo("pong");
            }
        }
        for (String name : List.of("a\\u0000b", "a\\u0007b", "a\\nb", "a\\u202eb", "a\\u2067b", "a\\ud800b")) {
            try (RawWebSocket socket = open()) {
                assertThat(code(join(socket, name, "general"))).isEqualTo("bad_request");
            }
        }
        assertThat(figure("channels", "used")).isZero();
    }

    @Test
    void whoMayNotPublishIsToldSoAndNobodyHearsIt() {
        try (RawWebSocket ann = open();
                RawWebSocket ben = open();
                RawWebSocket reader = open(USER)) {
            assertThat(join(ann, "Ann", "closed").path("type").asText()).isEqualTo("chat:joined");
            for (String channel : List.of("updates", "demo:open")) {
                assertThat(ask(ann, "channel:subscribe", "{\"channel\":\"" + channel + "\"}")
                                .path("type")
                                .asText())
                        .isEqualTo("channel:subscribed");
            }
            for (String channel : List.of("updates", "tasks", "room:closed", "user:alice")) {
                assertThat(code(publish(ben, channel))).as(channel).isEqualTo("permission_denied");
            }
            assertThat(code(publish(ben, "nowhere:x"))).isEqualTo("unknown_channel");
            assertThat(code(ask(ben, "chat:message", "{\"text\":\"x\",\"room\":\"closed\"}")))
                    .isEqualTo("not_joined");
            assertThat(code(publish(reader, "demo:open"))).isEqualTo("permission_denied");

            database.execute("SELECT sluice.publish('updates', '{\"n\": 1}')");
            JsonNode heard = Json.parse(ann.readText()).path("payload");
            assertThat(heard.path("channel").asText()).isEqualTo("updates");
            assertThat(heard.path("offset").asLong()).isEqualTo(1);
            publish(ben, "demo:open");
            assertThat(Json.parse(ann.readText()).path("payload").path("offset").asLong())
                    .isEqualTo(1);
        }
    }

    private static JsonNode publish(RawWebSocket socket, String channel) {
        return ask(socket, "channel:publish", "{\"channel\":\"" + channel + "\",\"data\":{\"text\":\"x\"}}");
    }

    @Test
    void afterManyRoundsEverythingIsAsBefore() {
        List<RawWebSocket> sockets = new ArrayList<>();
        try (RawWebSocket watcher = open()) {
            join(watcher, "Watcher", "watch");
            round(watcher, 0);
            long descriptors = descriptors();

            for (int i = 1; i < ROUNDS; i++) {
                round(watcher, i);
            }

            await().atMost(LONG).until(() -> figure("connections", "open") == 1);
            await().atMost(LONG).until(() -> figure("channels", "used") == 1);
            assertThat(figure("rooms", "used")).isEqualTo(1);
            assertThat(figure("connections", "queuedBytes")).isZero();
            assertThat(figure("connections", "incomingBytes")).isZero();
            assertThat(ask(watcher, "presence:get", "{\"channel\":\"room:watch\"}")
                            .path("payload")
                            .path("memberCount")
                            .asInt())
                    .isEqualTo(1);
            // The client's connections for the figures, and those of the database's pool, come and go.
            await().atMost(LONG).until(() -> descriptors() <= descriptors + 20);
            checkLimits(sockets);
        } finally {
            sockets.forEach(RawWebSocket::close);
        }
    }

    /** Comes, listens, speaks, and drops in one of many ways. */
    private void round(RawWebSocket watcher, int i) {
        RawWebSocket socket = i % 2 == 0 ? open() : open(USER);
        String name = "n" + i;
        join(socket, name, "watch");
        watcher.readText("\"" + name + "\"");
        socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:c" + i % 7 + "\"}}");
        socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"live:c" + i % 5 + "\"}}");
        socket.text("{\"type\":\"chat:join\",\"payload\":{\"name\":\"" + name + "\",\"room\":\"r" + i % 9 + "\"}}");
        socket.text("{\"type\":\"chat:typing\",\"payload\":{\"room\":\"r" + i % 9 + "\"}}");
        if (i % 5 == 0) {
            publish(socket, "live:c" + i % 5);
        }
        switch (i % 4) {
            case 0 -> socket.close();
            case 1 -> socket.reset();
            case 2 -> {
                socket.sendClose(1000);
                socket.close();
            }
            default -> {
                socket.frame(false, 0, RawWebSocket.TEXT, new byte[100]);
                socket.close();
            }
        }
        watcher.readText("\"" + name + "\"");
    }

    /** Had a place been lost, these would not all fit. */
    private void checkLimits(List<RawWebSocket> sockets) {
        for (int i = 1; i < CONNECTIONS; i++) {
            sockets.add(open(i % 2 == 0 ? new String[0] : new String[] {USER}));
        }
        List<RawWebSocket> guests = new ArrayList<>();
        for (int i = 1; i < sockets.size(); i += 2) {
            guests.add(sockets.get(i));
        }
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(join(guests.get(i), "m" + i, "watch").path("type").asText())
                    .isEqualTo("chat:joined");
        }
        assertThat(code(join(guests.get(MEMBERS), "one-more", "watch"))).isEqualTo("room_full");
        for (int i = 1; i < ROOMS; i++) {
            assertThat(join(guests.get(0), "rooms", "room" + i).path("type").asText())
                    .isEqualTo("chat:joined");
        }
        assertThat(code(join(guests.get(0), "rooms", "one-more"))).isEqualTo("too_many_rooms");
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
