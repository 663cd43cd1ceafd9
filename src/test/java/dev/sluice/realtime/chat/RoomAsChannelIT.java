package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Room R is channel room:R, also for one connection that is in both. */
class RoomAsChannelIT {
    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void whoIsInTheRoomMayListenToItsChannelToo() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            JsonNode joined = ann.join("Ann", "both");
            ann.say("channel:subscribe", "{\"channel\":\"room:both\"}");
            JsonNode subscribed = ann.expect("channel:subscribed");
            assertThat(subscribed.path("offset")).isEqualTo(joined.path("offset"));
            ben.join("Ben", "both");
            assertBoth(ann, "presence:join", "chat:user_joined");
            ben.say("chat:message", "{\"text\":\"hello\"}");
            JsonNode message = ann.expect("channel:message");
            assertThat(message.at("/data/text").asText()).isEqualTo("hello");
            assertThat(ann.expect("chat:message").path("offset")).isEqualTo(message.path("offset"));

            ann.say("chat:leave", "{}", "left");
            assertThat(ann.next().path("ref").asText()).isEqualTo("left");
            ben.skipTo("chat:message");
            ben.say("chat:message", "{\"text\":\"still there?\"}");
            assertThat(ann.expect("channel:message").at("/data/text").asText()).isEqualTo("still there?");
            // To listen to its channel is to be there.
            assertThat(ben.expect("chat:message").path("text").asText()).isEqualTo("still there?");
            ann.say("channel:unsubscribe", "{\"channel\":\"room:both\"}");
            assertThat(ben.expect("chat:user_left").path("memberCount").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whoListensToTheChannelMayJoinTheRoom() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            ben.join("Ben", "late");
            ben.say("chat:message", "{\"text\":\"before\"}");
            ben.expect("chat:message");
            ann.say("channel:subscribe", "{\"channel\":\"room:late\"}");
            ann.expect("channel:subscribed");
            JsonNode joined = ann.join("Ann", "late");
            assertThat(ChatClient.texts(joined.path("history"), "text")).containsExactly("before");
            ann.say("channel:unsubscribe", "{\"channel\":\"room:late\"}");
            ann.expect("channel:unsubscribed");
            ann.say("chat:message", "{\"text\":\"in it\"}");
            assertThat(ann.expect("chat:message").path("text").asText()).isEqualTo("in it");
        }
    }

    @Test
    void whatWasMissedIsRecoveredForTheChannelThoughTheRoomIsThere() {
        try (ChatClient ben = ChatClient.open(server)) {
            JsonNode place = ben.join("Ben", "missed");
            for (int i = 1; i <= 3; i++) {
                ben.say("chat:message", "{\"text\":\"" + i + "\"}");
                ben.expect("chat:message");
            }
            try (ChatClient ann = ChatClient.open(server)) {
                ann.join("Ann", "missed");
                ann.say(
                        "channel:subscribe",
                        "{\"channel\":\"room:missed\",\"since\":{\"epoch\":" + place.path("epoch") + ",\"offset\":1}}");
                JsonNode subscribed = ann.expect("channel:subscribed");
                assertThat(subscribed.path("recovered").asBoolean()).isTrue();
                assertThat(ChatClient.texts(subscribed.path("publications"), "offset"))
                        .containsExactly("2", "3");
                ann.say("channel:subscribe", "{\"channel\":\"room:missed\",\"since\":{\"offset\":1}}");
                assertThat(ann.expect("error").path("code").asText()).isEqualTo("already_subscribed");
            }
        }
    }

    private static void assertBoth(ChatClient who, String first, String second) {
        assertThat(who.next().path("type").asText()).isEqualTo(first);
        assertThat(who.next().path("type").asText()).isEqualTo(second);
    }
}
