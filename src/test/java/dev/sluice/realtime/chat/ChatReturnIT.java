package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import org.junit.jupiter.api.Test;

/** What is left of rooms when something ends that should not. */
class ChatReturnIT {
    @Test
    void whatWasSaidOutlivesTheServer() {
        try (TestDatabase database = TestDatabase.create()) {
            JsonNode before;
            try (TestServer server = TestServer.demo(database).start();
                    ChatClient ann = ChatClient.open(server)) {
                before = ann.join("Ann", "old");
                ann.say("chat:message", "{\"text\":\"still here\"}");
                ann.expect("chat:message");
            }
            try (TestServer server = TestServer.demo(database).start();
                    ChatClient ann = ChatClient.open(server)) {
                JsonNode joined = ann.join("Ann", "old");
                assertThat(ChatClient.texts(joined.path("history"), "text")).containsExactly("still here");
                assertThat(joined.path("offset").asLong()).isEqualTo(1);
                assertThat(joined.path("epoch")).isEqualTo(before.path("epoch"));
                assertThat(ChatClient.texts(joined.path("members"), "name")).containsExactly("Ann");
            }
        }
    }

    @Test
    void aRoomWhoseStreamIsAnotherIsJoinedAgainByItself() {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database).start();
                ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            ann.join("Ann", "first");
            JsonNode before = ann.join("Ann", "other");
            ann.join("Ann", "last");
            say(ann, "other", "lost");
            say(ann, "last", "kept");
            ben.say("channel:subscribe", "{\"channel\":\"room:other\"}");
            ben.expect("channel:subscribed");
            assertThat(ann.expect("chat:user_joined").path("room").asText()).isEqualTo("other");

            // As if an old copy of the database had been put in its place.
            database.execute(
                    "DELETE FROM sluice.stream WHERE channel = 'room:other'",
                    "DELETE FROM sluice.channel WHERE channel = 'room:other'",
                    "UPDATE sluice.epoch SET epoch = 'another'",
                    "SELECT sluice.publish('room:other', '{\"text\":\"news\"}'::jsonb)");

            JsonNode joined = ann.expect("chat:joined");
            assertThat(joined.path("room").asText()).isEqualTo("other");
            assertThat(ChatClient.texts(joined.path("history"), "text")).containsExactly("news");
            assertThat(joined.path("name").asText()).isEqualTo("Ann");
            assertThat(joined.path("epoch").asText())
                    .isEqualTo("another")
                    .isNotEqualTo(before.path("epoch").asText());
            // Who listens to a channel decides by itself.
            assertThat(ben.expect("channel:unsubscribed").path("reason").asText())
                    .isEqualTo("lost");

            say(ann, "other", "on we go");
            // It has not become the room that was joined last.
            ann.say("chat:message", "{\"text\":\"here\"}");
            assertThat(ann.expect("chat:message").path("room").asText()).isEqualTo("last");
        }
    }

    private static void say(ChatClient client, String room, String text) {
        client.say("chat:message", "{\"room\":\"" + room + "\",\"text\":\"" + text + "\"}");
        assertThat(client.expect("chat:message").path("text").asText()).isEqualTo(text);
    }
}
