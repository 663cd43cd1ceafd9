package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sluice's own protocol, as its clients see it. Each test has rooms and channels of its own. */
class ChatIT {
    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("chat.room-members", "3")
                .set("chat.max-rooms", "40")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    /** A connection and what it hears. */
    private record Client(RawWebSocket socket, JsonNode connected) implements AutoCloseable {
        static Client open(String query) {
            RawWebSocket socket = RawWebSocket.open(server.url("/ws" + query));
            return new Client(socket, payload(socket, "connected"));
        }

        String userId() {
            return connected.path("userId").asText();
        }

        void say(String type, String payload) {
            socket.text("{\"type\":\"" + type + "\",\"payload\":" + payload + ",\"ts\":1}");
        }

        void say(String type, String payload, String id) {
            socket.text("{\"type\":\"" + type + "\",\"payload\":" + payload + ",\"id\":\"" + id + "\"}");
        }

        JsonNode expect(String type) {
            return payload(socket, type);
        }

        JsonNode join(String name, String room) {
            say("chat:join", "{\"name\":\"" + name + "\",\"room\":\"" + room + "\"}");
            return expect("chat:joined");
        }

        private static JsonNode payload(RawWebSocket socket, String type) {
            JsonNode frame = Json.parse(socket.readText());
            assertThat(frame.path("type").asText()).as("%s", frame).isEqualTo(type);
            assertThat(frame.path("ts").asLong()).isPositive();
            return frame.path("payload");
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @Test
    void membersOfARoomHearWhoComesWhatIsSaidAndWhoGoes() {
        try (Client ann = Client.open("");
                Client ben = Client.open("")) {
            JsonNode joined = ann.join("Ann", "talk");
            assertThat(joined.path("name").asText()).isEqualTo("Ann");
            assertThat(joined.path("userId").asText()).isEqualTo(ann.userId());
            assertThat(joined.path("memberCount").asInt()).isEqualTo(1);
            assertThat(joined.path("history").isEmpty()).isTrue();
            assertThat(joined.path("offset").asLong()).isZero();
            JsonNode second = ben.join("Ben", "talk");
            assertThat(texts(second.path("members"), "name")).containsExactly("Ann", "Ben");
            JsonNode came = ann.expect("chat:user_joined");
            assertThat(came.path("userId").asText()).isEqualTo(ben.userId());
            assertThat(came.path("room").asText()).isEqualTo("talk");
            assertThat(came.path("memberCount").asInt()).isEqualTo(2);

            ben.say("chat:message", "{\"text\":\"hello \\ud834\\udd1e\",\"from\":\"Ann\",\"userId\":\"x\"}");
            for (Client one : List.of(ann, ben)) {
                JsonNode said = one.expect("chat:message");
                assertThat(said.path("from").asText()).isEqualTo("Ben");
                assertThat(said.path("userId").asText()).isEqualTo(ben.userId());
                assertThat(said.path("text").asText()).isEqualTo("hello \ud834\udd1e");
                assertThat(said.path("room").asText()).isEqualTo("talk");
                assertThat(said.path("offset").asLong()).isEqualTo(1);
                assertThat(said.path("ts").asLong()).isPositive();
            }
            ben.socket.sendClose(1000);
            JsonNode went = ann.expect("chat:user_left");
            assertThat(went.path("name").asText()).isEqualTo("Ben");
            assertThat(went.path("memberCount").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whatIsSaidRightAfterAJoinIsSaidInThatRoomAndJoiningTwiceDoesNoHarm() {
        try (Client ann = Client.open("")) {
            ann.say("chat:join", "{}");
            ann.say("chat:message", "{\"text\":\"first\"}", "m1");
            assertThat(ann.expect("chat:joined").path("name").asText()).isEqualTo("Anonymous");
            assertThat(ann.expect("chat:message").path("room").asText()).isEqualTo("general");
            JsonNode acknowledged = Json.parse(ann.socket.readText());
            assertThat(acknowledged.path("type").asText()).isEqualTo("ok");
            assertThat(acknowledged.path("ref").asText()).isEqualTo("m1");
            assertThat(acknowledged.path("payload").path("offset").asLong()).isEqualTo(1);
            assertThat(acknowledged.path("payload").path("epoch").asText()).isNotEmpty();
            ann.say("chat:join", "{\"room\":\"general\"}", "j2");
            JsonNode again = ann.expect("chat:joined");
            assertThat(again.path("memberCount").asInt()).isEqualTo(1);
            assertThat(texts(again.path("history"), "text")).containsExactly("first");
        }
    }

    @Test
    void whoIsInNoRoomIsToldSo() {
        try (Client ann = Client.open("")) {
            ann.say("chat:message", "{\"text\":\"x\"}");
            assertThat(ann.expect("chat:error").path("message").asText()).isEqualTo("Join a room first");
            ann.say("chat:typing", "{\"room\":\"nowhere\",\"typing\":true}");
            assertThat(ann.expect("chat:error").path("message").asText()).isEqualTo("Join a room first");
            ann.say("chat:leave", "{}", "l");
            assertThat(Json.parse(ann.socket.readText()).path("ref").asText()).isEqualTo("l");
        }
    }

    @Test
    void aRoomHasItsLimitAndARoomThatWasLeftIsFree() {
        try (Client ann = Client.open("");
                Client ben = Client.open("");
                Client carl = Client.open("");
                Client dora = Client.open("")) {
            ann.join("Ann", "small");
            ben.join("Ben", "small");
            carl.join("Carl", "small");
            dora.say("chat:join", "{\"room\":\"small\"}");
            assertThat(dora.expect("chat:error").path("message").asText()).isEqualTo("Room is full");
            carl.say("chat:leave", "{\"room\":\"small\"}");
            assertThat(ann.expect("chat:user_joined").path("name").asText()).isEqualTo("Ben");
            assertThat(ann.expect("chat:user_joined").path("name").asText()).isEqualTo("Carl");
            assertThat(ann.expect("chat:user_left").path("memberCount").asInt()).isEqualTo(2);
            assertThat(dora.join("Dora", "small").path("memberCount").asInt()).isEqualTo(3);
        }
    }

    @Test
    void thereAreOnlySoManyRooms() {
        try (Client ann = Client.open("")) {
            int joined = 0;
            String type = "";
            while (joined <= 40 && !type.equals("chat:error")) {
                ann.say("chat:join", "{\"room\":\"many-" + joined + "\"}");
                JsonNode frame = Json.parse(ann.socket.readText());
                type = frame.path("type").asText();
                if (type.equals("chat:error")) {
                    assertThat(frame.path("payload").path("message").asText()).isEqualTo("Too many rooms");
                    assertThat(frame.path("payload").path("code").asText()).isEqualTo("too_many_rooms");
                }
                joined++;
            }
            assertThat(type).isEqualTo("chat:error");
            for (int i = 0; i < joined; i++) {
                // Left while somebody looks: the other tests need rooms, too.
                ann.say("chat:leave", "{\"room\":\"many-" + i + "\"}", "l");
                assertThat(type(ann)).isEqualTo("ok");
            }
        }
    }

    @Test
    void whatIsTooLongIsRefusedAndNotCut() {
        try (Client ann = Client.open("")) {
            String clef = "\\ud834\\udd1e";
            ann.say("chat:join", "{\"name\":\"" + clef.repeat(51) + "\"}");
            assertThat(ann.expect("chat:error").path("code").asText()).isEqualTo("too_long");
            ann.join(clef.repeat(50), "long");
            ann.say("chat:message", "{\"text\":\"" + clef.repeat(2001) + "\"}");
            assertThat(ann.expect("chat:error").path("code").asText()).isEqualTo("too_long");
            ann.say("channel:publish", "{\"channel\":\"room:long\",\"data\":{\"text\":\"" + clef.repeat(2001) + "\"}}");
            assertThat(ann.expect("error").path("code").asText()).isEqualTo("bad_request");
            ann.say("chat:message", "{\"text\":\"" + clef.repeat(2000) + "\"}");
            assertThat(ann.expect("chat:message").path("text").asText()).isEqualTo("\ud834\udd1e".repeat(2000));
        }
    }

    @Test
    void aUserWithTwoTabsComesAndGoesOnce() throws Exception {
        String token = token("alice");
        try (Client ben = Client.open("");
                Client tab = Client.open("?token=" + token);
                Client other = Client.open("?token=" + token)) {
            ben.join("Ben", "tabs");
            tab.join("Alice", "tabs");
            assertThat(other.join("Alice", "tabs").path("memberCount").asInt()).isEqualTo(2);
            assertThat(ben.expect("chat:user_joined").path("userId").asText()).isEqualTo(tab.userId());
            tab.say("chat:leave", "{}", "l");
            assertThat(Json.parse(tab.socket.readText()).path("type").asText()).isEqualTo("ok");
            other.say("chat:leave", "{}");
            // Nothing was told of the first tab, or it would come first.
            assertThat(ben.expect("chat:user_left").path("memberCount").asInt()).isEqualTo(1);
            ben.say("ping", "{}");
            ben.expect("pong");
        }
    }

    @Test
    void othersAreToldWhoTypes() {
        try (Client ann = Client.open("");
                Client ben = Client.open("")) {
            ann.join("Ann", "typing");
            ben.join("Ben", "typing");
            ann.expect("chat:user_joined");
            ann.say("chat:typing", "{\"typing\":true}");
            JsonNode typing = ben.expect("chat:typing");
            assertThat(typing.path("name").asText()).isEqualTo("Ann");
            assertThat(typing.path("typing").asBoolean()).isTrue();
            ann.say("chat:message", "{\"text\":\"done\"}");
            // Who has spoken types no more; which of both is told first is left open.
            assertThat(List.of(type(ben), type(ben))).containsExactlyInAnyOrder("chat:message", "chat:typing");
        }
    }

    @Test
    void aChannelIsResumedWhereItWasLeft() {
        try (Client ann = Client.open("");
                Client ben = Client.open("")) {
            ann.say("channel:subscribe", "{\"channel\":\"demo:resume\"}", "s1");
            JsonNode subscribed = ann.expect("channel:subscribed");
            String epoch = subscribed.path("epoch").asText();
            assertThat(subscribed.path("channel").asText()).isEqualTo("demo:resume");
            ben.say("channel:publish", "{\"channel\":\"demo:resume\",\"data\":{\"n\":1},\"event\":\"tick\"}", "p");
            JsonNode placed = ben.expect("ok");
            assertThat(placed.path("epoch").asText()).isEqualTo(epoch);
            assertThat(placed.path("offset").asLong()).isEqualTo(1);
            JsonNode message = ann.expect("channel:message");
            assertThat(message.toString())
                    .isEqualTo("{\"channel\":\"demo:resume\",\"data\":{\"n\":1},\"event\":\"tick\",\"offset\":1}");
            ann.say("channel:unsubscribe", "{\"channel\":\"demo:resume\"}");
            ann.expect("channel:unsubscribed");
            for (int n = 2; n <= 4; n++) {
                ben.say("channel:publish", "{\"channel\":\"demo:resume\",\"data\":" + n + "}");
                ben.expect("ok");
            }
            String since = ",\"since\":{\"epoch\":\"" + epoch + "\",\"offset\":1}}";
            ann.say("channel:subscribe", "{\"channel\":\"demo:resume\"" + since);
            JsonNode resumed = ann.expect("channel:subscribed");
            assertThat(resumed.path("recovered").asBoolean()).isTrue();
            assertThat(texts(resumed.path("publications"), "offset")).containsExactly("2", "3", "4");
            assertThat(texts(resumed.path("publications"), "data")).containsExactly("2", "3", "4");
            ann.say("history", "{\"channel\":\"demo:resume\",\"limit\":2,\"reverse\":true}");
            JsonNode history = ann.expect("history");
            assertThat(texts(history.path("publications"), "offset")).containsExactly("4", "3");
            assertThat(history.path("offset").asLong()).isEqualTo(4);
            ben.say("channel:subscribe", "{\"channel\":\"demo:resume\",\"since\":{\"epoch\":\"other\",\"offset\":1}}");
            assertThat(ben.expect("channel:subscribed").path("recovered").asBoolean(true))
                    .isFalse();
        }
    }

    @Test
    void aRoomIsAChannelToo() {
        try (Client ann = Client.open("");
                Client ben = Client.open("")) {
            ann.join("Ann", "both");
            ben.say("channel:subscribe", "{\"channel\":\"room:both\"}");
            ben.expect("channel:subscribed");
            ann.expect("chat:user_joined");
            ben.say("presence:get", "{\"channel\":\"room:both\"}");
            JsonNode presence = ben.expect("presence");
            assertThat(texts(presence.path("members"), "name")).containsExactly("Ann", "Anonymous");
            assertThat(presence.path("memberCount").asInt()).isEqualTo(2);
            ben.say("channel:publish", "{\"channel\":\"room:both\",\"data\":{\"text\":\"hi\",\"ts\":0}}");
            JsonNode said = ann.expect("chat:message");
            assertThat(said.path("userId").asText()).isEqualTo(ben.userId());
            assertThat(said.path("ts").asLong()).isPositive();
            assertThat(type(ben)).isIn("ok", "channel:message");
            assertThat(type(ben)).isIn("ok", "channel:message");
            ben.say("channel:publish", "{\"channel\":\"tasks\",\"data\":1}");
            assertThat(ben.expect("error").path("code").asText()).isEqualTo("permission_denied");
        }
    }

    @Test
    void whatMakesNoSenseIsAnsweredWithAnError() {
        try (Client ann = Client.open("")) {
            for (String nonsense : new String[] {
                "x",
                "{\"type\":\"nothing\"}",
                "{\"type\":\"channel:subscribe\"}",
                "{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"nowhere:x\"}}",
                "{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:x\",\"since\":{\"offset\":-1}}}",
                "{\"type\":\"channel:publish\",\"payload\":{\"channel\":\"demo:x\"}}",
                "{\"type\":\"history\",\"payload\":{\"channel\":\"live:x\"}}",
                "{\"type\":\"history\",\"payload\":{\"channel\":\"demo:x\",\"limit\":\"a\"}}"
            }) {
                ann.socket.text(nonsense);
                assertThat(type(ann)).as(nonsense).isEqualTo("error");
            }
        }
    }

    @Test
    void aTokenNamesTheUserAtAnyTime() throws Exception {
        String token = token("alice");
        try (Client alice = Client.open("")) {
            assertThat(alice.userId()).startsWith("guest-");
            alice.say("auth", "{\"token\":\"" + token + "\"}", "a");
            JsonNode connected = Json.parse(alice.socket.readText());
            assertThat(connected.path("ref").asText()).isEqualTo("a");
            assertThat(connected.path("payload").path("userId").asText()).doesNotStartWith("guest-");
            alice.say("refresh", "{\"token\":\"" + token + "\"}");
            assertThat(alice.expect("refreshed").path("expiresIn").asLong()).isPositive();
            alice.say("auth", "{\"token\":\"wrong\"}");
            assertThat(alice.socket.readToClose()).isEqualTo(4001);
        }
    }

    private static String type(Client client) {
        return Json.parse(client.socket.readText()).path("type").asText();
    }

    private static List<String> texts(JsonNode list, String name) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(one -> one.path(name).asText())
                .toList();
    }

    private static String token(String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/auth/login")))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"email\":\"" + name + "@example.com\",\"password\":\"" + name + "-demo\"}"))
                .build();
        String answer = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        return Json.parse(answer).path("accessToken").asText();
    }
}
