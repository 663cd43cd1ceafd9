package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.WebSocket;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

    @Test
    void membersOfARoomHearWhoComesWhatIsSaidAndWhoGoes() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            JsonNode joined = ann.join("Ann", "talk");
            assertThat(joined.path("name").asText()).isEqualTo("Ann");
            assertThat(joined.path("userId").asText()).isEqualTo(ann.userId());
            assertThat(joined.path("memberCount").asInt()).isEqualTo(1);
            assertThat(joined.path("history").isEmpty()).isTrue();
            assertThat(joined.path("offset").asLong()).isZero();
            JsonNode second = ben.join("Ben", "talk");
            assertThat(ChatClient.texts(second.path("members"), "name")).containsExactly("Ann", "Ben");
            JsonNode came = ann.expect("chat:user_joined");
            assertThat(came.path("userId").asText()).isEqualTo(ben.userId());
            assertThat(came.path("room").asText()).isEqualTo("talk");
            assertThat(came.path("memberCount").asInt()).isEqualTo(2);

            ben.say("chat:message", "{\"text\":\"hello \\ud834\\udd1e\",\"from\":\"Ann\",\"userId\":\"x\"}");
            for (ChatClient one : List.of(ann, ben)) {
                JsonNode said = one.expect("chat:message");
                assertThat(said.path("from").asText()).isEqualTo("Ben");
                assertThat(said.path("userId").asText()).isEqualTo(ben.userId());
                assertThat(said.path("text").asText()).isEqualTo("hello \ud834\udd1e");
                assertThat(said.path("room").asText()).isEqualTo("talk");
                assertThat(said.path("offset").asLong()).isEqualTo(1);
                assertThat(said.path("ts").asLong()).isPositive();
            }
            ben.socket().sendClose(1000);
            JsonNode went = ann.expect("chat:user_left");
            assertThat(went.path("name").asText()).isEqualTo("Ben");
            assertThat(went.path("memberCount").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whatIsSaidRightAfterAJoinIsSaidInThatRoomAndJoiningTwiceDoesNoHarm() {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.say("chat:join", "{}");
            ann.say("chat:message", "{\"text\":\"first\"}", "m1");
            assertThat(ann.expect("chat:joined").path("name").asText()).isEqualTo("Anonymous");
            // Which of both comes first is left open.
            List<JsonNode> answers = Stream.of(ann.next(), ann.next())
                    .sorted(Comparator.comparing(frame -> frame.path("type").asText()))
                    .toList();
            assertThat(answers).extracting(frame -> frame.path("type").asText()).containsExactly("chat:message", "ok");
            assertThat(answers.get(0).path("payload").path("room").asText()).isEqualTo("general");
            assertThat(answers.get(1).path("ref").asText()).isEqualTo("m1");
            JsonNode acknowledged = answers.get(1).path("payload");
            assertThat(acknowledged.path("offset").asLong()).isEqualTo(1);
            assertThat(acknowledged.path("epoch").asText()).isNotEmpty();
            ann.say("chat:join", "{\"room\":\"general\"}", "j2");
            JsonNode again = ann.expect("chat:joined");
            assertThat(again.path("memberCount").asInt()).isEqualTo(1);
            assertThat(ChatClient.texts(again.path("history"), "text")).containsExactly("first");
        }
    }

    @Test
    void whoJoinsIsToldTheLastFiftyMessagesOldestFirst() {
        database.execute("SELECT sluice.publish('room:long-talk', json_build_object('text', 'm' || n)::jsonb)"
                + " FROM generate_series(1, 60) n");
        try (ChatClient ann = ChatClient.open(server)) {
            // What SQL publishes is there a moment later.
            await().until(() -> joinLongTalk(ann).path("offset").asLong() == 60);
            List<String> last =
                    IntStream.rangeClosed(11, 60).mapToObj(n -> "m" + n).toList();
            assertThat(ChatClient.texts(joinLongTalk(ann).path("history"), "text"))
                    .isEqualTo(last);
        }
    }

    /** What else comes is skipped. */
    private static JsonNode joinLongTalk(ChatClient client) {
        client.say("chat:join", "{\"room\":\"long-talk\"}");
        return client.skipTo("chat:joined");
    }

    @Test
    void membersStandInTheOrderInWhichTheyCame() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server);
                ChatClient carl = ChatClient.open(server)) {
            ann.join("Ann", "order");
            ben.join("Ben", "order");
            assertThat(names(carl.join("Carl", "order"))).containsExactly("Ann", "Ben", "Carl");
            assertThat(names(carl.join("Carl", "order"))).containsExactly("Ann", "Ben", "Carl");
            ann.expect("chat:user_joined");
            ann.expect("chat:user_joined");
            ann.say("chat:leave", "{}", "l");
            ann.expect("ok");
            assertThat(names(ann.join("Ann", "order"))).containsExactly("Ben", "Carl", "Ann");
        }
    }

    private static List<String> names(JsonNode joined) {
        return ChatClient.texts(joined.path("members"), "name");
    }

    @Test
    void eachRoomKnowsOneByTheNameGivenThere() {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.join("Ann", "names-1");
            ann.join("Anna", "names-2");
            ann.say("chat:message", "{\"room\":\"names-1\",\"text\":\"x\"}");
            assertThat(ann.expect("chat:message").path("from").asText()).isEqualTo("Ann");
            // Without a room, the one that was joined last.
            ann.say("chat:message", "{\"text\":\"x\"}");
            JsonNode second = ann.expect("chat:message");
            assertThat(second.path("from").asText()).isEqualTo("Anna");
            assertThat(second.path("room").asText()).isEqualTo("names-2");
            ann.say("chat:leave", "{}");
            ann.say("chat:message", "{\"text\":\"x\"}");
            assertThat(ann.expect("chat:message").path("room").asText()).isEqualTo("names-1");
        }
    }

    @Test
    void whatAServerPublishesInARoomIsToldAsItIs() {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.join("Ann", "server");
            String deep = "[".repeat(70) + "]".repeat(70);
            database.execute(
                    "SELECT sluice.publish('room:server', '" + deep + "'::jsonb)",
                    "SELECT sluice.publish('room:server', '{\"text\":\"news\"}'::jsonb)",
                    "SELECT sluice.publish('room:server', '{\"n\": 1e400}'::jsonb, NULL, 'figure')");
            assertThat(ann.expect("chat:message").path("text").asText()).isEqualTo(deep);
            JsonNode news = ann.expect("chat:message");
            assertThat(news.path("text").asText()).isEqualTo("news");
            assertThat(news.path("userId").asText()).isEmpty();
            assertThat(ann.expect("channel:message").path("event").asText()).isEqualTo("figure");
            ann.say("history", "{\"channel\":\"room:server\"}");
            // Deeper than we read ourselves.
            assertThat(ann.socket().readText()).contains("\"history\"").contains(deep);
        }
    }

    @Test
    void whoIsInNoRoomIsToldSo() {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.say("chat:message", "{\"text\":\"x\"}");
            assertThat(ann.expect("chat:error").path("message").asText()).isEqualTo("Join a room first");
            ann.say("chat:typing", "{\"room\":\"nowhere\",\"typing\":true}");
            assertThat(ann.expect("chat:error").path("message").asText()).isEqualTo("Join a room first");
            ann.say("chat:leave", "{}", "l");
            assertThat(ann.next().path("ref").asText()).isEqualTo("l");
        }
    }

    @Test
    void aRoomHasItsLimitAndARoomThatWasLeftIsFree() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server);
                ChatClient carl = ChatClient.open(server);
                ChatClient dora = ChatClient.open(server)) {
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
        try (ChatClient ann = ChatClient.open(server)) {
            int joined = 0;
            String type = "";
            while (joined <= 40 && !type.equals("chat:error")) {
                ann.say("chat:join", "{\"room\":\"many-" + joined + "\"}");
                JsonNode frame = ann.next();
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
        try (ChatClient ann = ChatClient.open(server)) {
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
    void whoComesGetsTheLastFiftyHoweverLongTheyAre() {
        String longest = "\ud834\udd1e".repeat(1998);
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            ann.join("\ud834\udd1e".repeat(50), "novel");
            for (int i = 10; i < 62; i++) {
                ann.say("chat:message", "{\"text\":\"" + i + longest + "\"}");
                ann.expect("chat:message");
            }
            JsonNode history = ben.join("Ben", "novel").path("history");
            assertThat(history).hasSize(50);
            assertThat(history.get(0).path("text").asText()).isEqualTo("12" + longest);
            assertThat(history.get(49).path("text").asText()).isEqualTo("61" + longest);
        }
    }

    @Test
    void aUserWithTwoTabsComesAndGoesOnce() throws Exception {
        String token = ChatClient.token(server, "alice");
        try (ChatClient ben = ChatClient.open(server);
                ChatClient tab = ChatClient.open(server, "?token=" + token);
                ChatClient other = ChatClient.open(server, "?token=" + token)) {
            ben.join("Ben", "tabs");
            tab.join("Alice", "tabs");
            assertThat(other.join("Alice", "tabs").path("memberCount").asInt()).isEqualTo(2);
            assertThat(ben.expect("chat:user_joined").path("userId").asText()).isEqualTo(tab.userId());
            tab.say("chat:leave", "{}", "l");
            assertThat(tab.next().path("type").asText()).isEqualTo("ok");
            for (String id : List.of("l1", "l2")) {
                // Leaving twice does no harm.
                other.say("chat:leave", "{\"room\":\"tabs\"}", id);
                assertThat(other.next().path("ref").asText()).isEqualTo(id);
            }
            // Nothing was told of the first tab, or it would come first.
            assertThat(ben.expect("chat:user_left").path("memberCount").asInt()).isEqualTo(1);
            ben.say("ping", "{}");
            ben.expect("pong");
        }
    }

    @Test
    void aSecondTabNeedsNoRoomOfItsOwn() throws Exception {
        String token = ChatClient.token(server, "alice");
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server);
                ChatClient tab = ChatClient.open(server, "?token=" + token);
                ChatClient other = ChatClient.open(server, "?token=" + token)) {
            ann.join("Ann", "full");
            ben.join("Ben", "full");
            tab.join("Alice", "full");
            assertThat(other.join("Alice", "full").path("memberCount").asInt()).isEqualTo(3);
        }
    }

    @Test
    void othersAreToldWhoTypes() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
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
            ben.say("chat:typing", "{\"typing\":true}");
            assertThat(ann.skipTo("chat:typing").path("typing").asBoolean(false))
                    .isTrue();
            // Nobody types for longer than five seconds, unless they say so again.
            JsonNode over = ann.expect("chat:typing");
            assertThat(over.path("name").asText()).isEqualTo("Ben");
            assertThat(over.path("typing").asBoolean(true)).isFalse();
        }
    }

    @Test
    void aChannelIsResumedWhereItWasLeft() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
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
            assertThat(ChatClient.texts(resumed.path("publications"), "offset")).containsExactly("2", "3", "4");
            assertThat(ChatClient.texts(resumed.path("publications"), "data")).containsExactly("2", "3", "4");
            ann.say("history", "{\"channel\":\"demo:resume\",\"limit\":2,\"reverse\":true}");
            JsonNode history = ann.expect("history");
            assertThat(ChatClient.texts(history.path("publications"), "offset")).containsExactly("4", "3");
            assertThat(history.path("offset").asLong()).isEqualTo(4);
            ben.say("channel:subscribe", "{\"channel\":\"demo:resume\",\"since\":{\"epoch\":\"other\",\"offset\":1}}");
            assertThat(ben.expect("channel:subscribed").path("recovered").asBoolean(true))
                    .isFalse();
        }
    }

    @Test
    void aRoomIsAChannelToo() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            ann.join("Ann", "both");
            ben.say("channel:subscribe", "{\"channel\":\"room:both\"}");
            ben.expect("channel:subscribed");
            ann.expect("chat:user_joined");
            ben.say("presence:get", "{\"channel\":\"room:both\"}");
            JsonNode presence = ben.expect("presence");
            assertThat(ChatClient.texts(presence.path("members"), "name")).containsExactly("Ann", "Anonymous");
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
        try (ChatClient ann = ChatClient.open(server)) {
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
                ann.socket().text(nonsense);
                assertThat(type(ann)).as(nonsense).isEqualTo("error");
            }
        }
    }

    @Test
    void aTokenNamesTheUserAtAnyTime() throws Exception {
        String token = ChatClient.token(server, "alice");
        try (ChatClient alice = ChatClient.open(server)) {
            assertThat(alice.userId()).startsWith("guest-");
            alice.say("auth", "{\"token\":\"" + token + "\"}", "a");
            JsonNode connected = alice.next();
            assertThat(connected.path("ref").asText()).isEqualTo("a");
            assertThat(connected.path("payload").path("userId").asText()).doesNotStartWith("guest-");
            alice.say("refresh", "{\"token\":\"" + token + "\"}");
            assertThat(alice.expect("refreshed").path("expiresIn").asLong()).isPositive();
            alice.say("auth", "{\"token\":\"wrong\"}");
            assertThat(alice.socket().readToClose()).isEqualTo(4001);
        }
    }

    @Test
    void whoBecomesSomebodyElseLeavesItsRoomsAndMayComeBack() throws Exception {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient guest = ChatClient.open(server)) {
            ann.join("Ann", "becoming");
            guest.join("Guest", "becoming");
            ann.expect("chat:user_joined");
            guest.say("auth", "{\"token\":\"" + ChatClient.token(server, "alice") + "\"}", "a");
            JsonNode ended = guest.skipTo("chat:error");
            assertThat(ended.path("code").asText()).isEqualTo("permission");
            assertThat(ended.path("room").asText()).isEqualTo("becoming");
            assertThat(ann.expect("chat:user_left").path("userId").asText()).isEqualTo(guest.userId());
            guest.say("chat:join", "{\"name\":\"Alice\",\"room\":\"becoming\"}");
            assertThat(guest.skipTo("chat:joined").path("userId").asText()).doesNotStartWith("guest-");
            assertThat(ann.expect("chat:user_joined").path("name").asText()).isEqualTo("Alice");
        }
    }

    @Test
    void aClientOfTheJdkTalksToTheOthers() throws Exception {
        BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        String token = ChatClient.token(server, "bob");
        WebSocket bob = ChatClient.HTTP
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(URI.create(server.url("/ws").replaceFirst("^http", "ws")), new Collector(texts))
                .get(1, TimeUnit.MINUTES);
        try (ChatClient ann = ChatClient.open(server)) {
            ann.join("Ann", "jdk");
            assertThat(next(texts).path("type").asText()).isEqualTo("connected");
            bob.sendText("{\"type\":\"chat:join\",\"payload\":{\"room\":\"jdk\"}}", true)
                    .get(1, TimeUnit.MINUTES);
            // The account's name, where none is given.
            String name = next(texts).path("payload").path("name").asText();
            assertThat(ann.expect("chat:user_joined").path("name").asText()).isEqualTo(name);
            ann.say("chat:message", "{\"text\":\"hello\"}");
            assertThat(next(texts).path("payload").path("text").asText()).isEqualTo("hello");
        } finally {
            bob.abort();
        }
    }

    private static JsonNode next(BlockingQueue<String> texts) throws InterruptedException {
        String text = texts.poll(1, TimeUnit.MINUTES);
        assertThat(text).as("within a minute").isNotNull();
        return Json.parse(String.valueOf(text));
    }

    /** Puts whole texts into a queue. */
    private static final class Collector implements WebSocket.Listener {
        private final BlockingQueue<String> texts;
        private final StringBuilder parts = new StringBuilder();

        Collector(BlockingQueue<String> texts) {
            this.texts = texts;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            parts.append(part);
            if (last) {
                texts.add(parts.toString());
                parts.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    private static String type(ChatClient client) {
        return client.next().path("type").asText();
    }
}
