package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What admins do in rooms, on two nodes of one database; and what is said as a dataset. */
class ModerationIT {
    private static final String[] ADMIN = {"Authorization", "Bearer secret-admin-123"};
    private static final String[] USER = {"Authorization", "Bearer secret-user-123"};

    private static TestDatabase database;
    private static TestServer server;
    private static TestServer other;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
        other = TestServer.demo(database).start();
    }

    @AfterAll
    static void stop() {
        other.close();
        server.close();
        database.close();
    }

    @Test
    void aDeletedMessageIsTakenBackOnAllNodesAndIsInNoHistory() throws Exception {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(other)) {
            ann.join("Ann", "slips");
            ben.join("Ben", "slips");
            ann.expect("chat:user_joined");
            say(ann, "good");
            say(ann, "nonsense");
            // On another node, Ben may hear of Ann's presence a little later than of himself.
            ben.skipTo("chat:message");
            ben.skipTo("chat:message");

            assertThat(status("DELETE", "/api/rooms/slips/messages/2", ADMIN)).isEqualTo(204);
            for (ChatClient one : List.of(ann, ben)) {
                JsonNode deleted = one.skipTo("chat:message_deleted");
                assertThat(deleted.toString()).isEqualTo("{\"room\":\"slips\",\"offset\":2}");
            }
            say(ann, "better");
            ben.skipTo("chat:message");
            assertThat(status("DELETE", "/api/rooms/slips/messages/2", ADMIN)).isEqualTo(204);

            try (ChatClient carl = ChatClient.open(other)) {
                JsonNode joined = carl.join("Carl", "slips");
                assertThat(ChatClient.texts(joined.path("history"), "text")).containsExactly("good", "better");
                assertThat(ChatClient.texts(joined.path("history"), "offset")).containsExactly("1", "4");
                assertThat(joined.path("offset").asLong()).isEqualTo(4);
                carl.say("history", "{\"channel\":\"room:slips\"}");
                JsonNode history = carl.expect("history");
                // No gap: who counts offsets misses nothing.
                assertThat(ChatClient.texts(history.path("publications"), "offset"))
                        .containsExactly("1", "2", "3", "4");
                assertThat(history.toString()).doesNotContain("nonsense");
            }
        }
    }

    @Test
    void whatWasTakenBackIsNotToldToWhoJoinsEvenIfItIsStillToBeRead() throws Exception {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            ann.join("Ann", "late");
            say(ann, "good");
            say(ann, "nonsense");
            // As if this node had read both before the second was replaced.
            database.execute("SELECT sluice.publish('room:late', '{\"offset\":2}', NULL, 'deleted')");
            ann.skipTo("chat:message_deleted");
            JsonNode joined = ben.join("Ben", "late");
            assertThat(ChatClient.texts(joined.path("history"), "text")).containsExactly("good");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/rooms/slips2/messages/1",
                "/api/rooms/slips/messages/99999",
                "/api/rooms/slips/messages/0",
                "/api/rooms/slips/messages/-1",
                "/api/rooms/slips/messages/x",
                "/api/rooms/slips/messages/99999999999999999999",
                "/api/rooms/sl%20ips/messages/1",
                "/api/rooms/slips/messages",
                "/api/rooms/slips",
                "/api/rooms/"
            })
    void whatIsNotThereIs404(String path) throws Exception {
        assertThat(status("DELETE", path, ADMIN)).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"DELETE,/api/rooms/x/messages/1", "POST,/api/rooms/x/mutes", "GET,/api/rooms/x/mutes"})
    void onlyAdminsMay(String method, String path) throws Exception {
        assertThat(status(method, path)).isEqualTo(401);
        assertThat(status(method, path, USER)).isEqualTo(403);
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        assertThat(status("POST", "/api/rooms/x/messages/1", ADMIN)).isEqualTo(405);
        assertThat(status("PUT", "/api/rooms/x/mutes", ADMIN)).isEqualTo(405);
    }

    @Test
    void whoIsMutedSaysNothingInThatRoomOnAnyNode() throws Exception {
        String token = ChatClient.token(server, "bob");
        try (ChatClient bob = ChatClient.open(server, "?token=" + token);
                ChatClient tab = ChatClient.open(other, "?token=" + token)) {
            bob.join("Bob", "loud");
            bob.join("Bob", "quiet");
            String body = "{\"userId\":\"" + bob.userId() + "\",\"seconds\":3600}";
            JsonNode mute = Json.parse(ChatClient.send(server, "POST", "/api/rooms/loud/mutes", body, ADMIN)
                    .body());
            assertThat(mute.path("userId").asText()).isEqualTo(bob.userId());
            assertThat(mute.path("until").asText()).endsWith("Z");

            bob.say("chat:message", "{\"room\":\"loud\",\"text\":\"hear me\"}");
            JsonNode error = bob.expect("chat:error");
            assertThat(error.path("code").asText()).isEqualTo("permission_denied");
            assertThat(error.path("message").asText()).contains("muted");
            bob.say("channel:publish", "{\"channel\":\"room:loud\",\"data\":{\"text\":\"or so\"}}");
            assertThat(bob.expect("error").path("code").asText()).isEqualTo("permission_denied");
            bob.say("chat:message", "{\"room\":\"quiet\",\"text\":\"here I may\"}");
            assertThat(bob.expect("chat:message").path("room").asText()).isEqualTo("quiet");

            assertThat(publishWithAnotherProtocol(token)).contains("\"code\":103");
            tab.join("Bob", "loud");
            await().atMost(Duration.ofSeconds(10 * Mutes.SECONDS)).until(() -> isRefused(tab));
            JsonNode list = Json.parse(ChatClient.send(other, "GET", "/api/rooms/loud/mutes", "", ADMIN)
                    .body());
            assertThat(ChatClient.texts(list.path("mutes"), "userId")).containsExactly(bob.userId());
            assertThat(list.path("next").isNull()).isTrue();

            String who = "/api/rooms/loud/mutes?userId=" + bob.userId();
            assertThat(status("DELETE", who, ADMIN)).isEqualTo(204);
            assertThat(status("DELETE", who, ADMIN)).isEqualTo(404);
            bob.say("chat:message", "{\"room\":\"loud\",\"text\":\"again\"}", "m");
            assertThat(bob.socket().readText("\"ref\":\"m\"")).contains("\"ok\"");
        }
    }

    private static String publishWithAnotherProtocol(String token) {
        try (RawWebSocket socket = RawWebSocket.open(server.url("/connection/websocket"))) {
            socket.text("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");
            socket.readText("\"id\":1");
            socket.text("{\"id\":2,\"subscribe\":{\"channel\":\"room:loud\"}}");
            socket.readText("\"id\":2");
            socket.text("{\"id\":3,\"publish\":{\"channel\":\"room:loud\",\"data\":{\"text\":\"let me\"}}}");
            return socket.readText("\"id\":3");
        }
    }

    @Test
    void whoIsMutedIsNotSeenToTypeByEitherName() throws Exception {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server);
                ChatClient eve = ChatClient.open(server)) {
            eve.join("Eve", "still");
            ann.join("Ann", "still");
            ben.say("channel:subscribe", "{\"channel\":\"room:still\"}");
            ben.expect("channel:subscribed");
            for (ChatClient one : List.of(ann, ben)) {
                mute(one.userId(), "still");
            }

            ann.say("chat:typing", "{\"typing\":true}", "t");
            assertThat(ann.socket().readText("\"ref\":\"t\"")).contains("chat:error", "permission_denied", "muted");
            ben.say("channel:typing", "{\"channel\":\"room:still\",\"typing\":true}", "t");
            assertThat(ben.socket().readText("\"ref\":\"t\"")).contains("\"error\"", "permission_denied");
            ann.say("chat:typing", "{\"typing\":false}", "f");
            assertThat(ann.socket().readText("\"ref\":\"f\"")).contains("\"ok\"");
            eve.expect("chat:user_joined");
            eve.expect("chat:user_joined");
            say(eve, "was there anybody?");
        }
    }

    @Test
    void aGuestOfTheOtherProtocolHasANameAsWellByWhichItIsMuted() throws Exception {
        try (ChatClient ann = ChatClient.open(server);
                RawWebSocket guest = RawWebSocket.open(server.url("/connection/websocket"))) {
            ann.join("Ann", "guests");
            guest.text("{\"id\":1,\"connect\":{}}");
            String client = Json.parse(guest.readText("\"connect\""))
                    .at("/connect/client")
                    .asText();
            guest.text("{\"id\":2,\"subscribe\":{\"channel\":\"room:guests\"}}");
            guest.readText("\"id\":2");
            String publish = "\"publish\":{\"channel\":\"room:guests\",\"data\":{\"text\":\"hello\"}}}";
            guest.text("{\"id\":3," + publish);
            for (String type : List.of("chat:user_joined", "chat:message")) {
                assertThat(ann.expect(type).path("userId").asText()).as(type).isEqualTo("guest-" + client);
            }

            mute("guest-" + client, "guests");
            guest.text("{\"id\":4," + publish);
            assertThat(guest.readText("\"id\":4")).contains("\"code\":103", "muted");
        }
    }

    private static void mute(String userId, String room) throws Exception {
        String body = "{\"userId\":\"" + userId + "\",\"seconds\":3600}";
        assertThat(ChatClient.send(server, "POST", "/api/rooms/" + room + "/mutes", body, ADMIN)
                        .statusCode())
                .isEqualTo(200);
    }

    /** Says something; whatever the others on the way say is skipped. */
    private static boolean isRefused(ChatClient client) {
        client.say("chat:message", "{\"text\":\"may I?\"}", "q");
        return client.socket().readText("\"ref\":\"q\"").contains("permission_denied");
    }

    @Test
    void aMuteEndsByItself() throws Exception {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.join("Ann", "short");
            String body = "{\"userId\":\"" + ann.userId() + "\",\"seconds\":1}";
            ChatClient.send(server, "POST", "/api/rooms/short/mutes", body, ADMIN);
            await().atMost(Duration.ofSeconds(10)).until(() -> !isRefused(ann));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"userId\":1}",
                "{\"userId\":\"\"}",
                "{\"userId\":\"x\",\"seconds\":0}",
                "{\"userId\":\"x\",\"seconds\":1.5}",
                "{\"userId\":\"x\",\"seconds\":\"10\"}",
                "{\"userId\":\"x\",\"seconds\":99999999999}"
            })
    void aMuteThatMakesNoSenseIsRefused(String body) throws Exception {
        assertThat(ChatClient.send(server, "POST", "/api/rooms/x/mutes", body, ADMIN)
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void whatIsSaidIsADatasetForAdmins() throws Exception {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.join("Ann", "kept");
            say(ann, "one");
            say(ann, "two \\\"2\\\"");
            say(ann, "three");
            assertThat(status("DELETE", "/api/rooms/kept/messages/1", ADMIN)).isEqualTo(204);
            String path = "/api/export/chat_messages.ndjson?room=eq.kept&select=room,message_offset,user_id,name,text";
            String rows = ChatClient.send(server, "GET", path, "", ADMIN).body();
            assertThat(rows.lines().map(Json::parse).map(JsonNode::toString))
                    .containsExactly(row(2, ann.userId(), "two \\\"2\\\""), row(3, ann.userId(), "three"));
            assertThat(status("GET", path)).isEqualTo(401);
            assertThat(status("GET", path, USER)).isEqualTo(403);
        }
    }

    @Test
    void theCatalogueNamesItToAdminsAlone() throws Exception {
        String name = "\"name\":\"chat_messages\"";
        assertThat(ChatClient.send(server, "GET", "/api/export", "", ADMIN).body())
                .contains(name);
        assertThat(ChatClient.send(server, "GET", "/api/export", "", USER).body())
                .contains("\"name\":\"users\"")
                .doesNotContain(name);
    }

    @Test
    void whoJoinsIsToldFiftyMessagesHoweverManyWereTakenBack() throws Exception {
        database.execute("SELECT sluice.publish('room:culled', json_build_object('text', 'm' || n)::jsonb)"
                + " FROM generate_series(1, 80) n");
        try (ChatClient ann = ChatClient.open(server)) {
            await().until(() -> isThere(80));
            for (int offset = 80; offset > 50; offset--) {
                assertThat(status("DELETE", "/api/rooms/culled/messages/" + offset, ADMIN))
                        .isEqualTo(204);
            }
            JsonNode joined = ann.join("Ann", "culled");
            assertThat(ChatClient.texts(joined.path("history"), "offset"))
                    .isEqualTo(IntStream.rangeClosed(1, 50)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    /** What SQL publishes has its place a moment later. */
    private static boolean isThere(int offset) throws Exception {
        String path = "/api/export/chat_messages.ndjson?room=eq.culled&select=id&message_offset=eq." + offset;
        return !ChatClient.send(server, "GET", path, "", ADMIN).body().isEmpty();
    }

    private static String row(int offset, String user, String text) {
        return "{\"room\":\"kept\",\"offset\":" + offset + ",\"userId\":\"" + user + "\",\"name\":\"Ann\",\"text\":\""
                + text + "\"}";
    }

    /** Says something and hears it. */
    private static void say(ChatClient client, String text) {
        client.say("chat:message", "{\"text\":\"" + text + "\"}");
        client.expect("chat:message");
    }

    private static int status(String method, String path, String... headers) throws Exception {
        return ChatClient.send(server, method, path, "", headers).statusCode();
    }
}
