package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every error names the message that it is about, and what is wrong is not taken for something else. */
class ChatErrorsIT {
    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("realtime.channels-per-connection", "3")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void whatComesTooFastIsRefusedByItsName() {
        try (TestServer slow = TestServer.demo(database)
                        .set("realtime.message-rate", "2/h")
                        .start();
                ChatClient ann = ChatClient.open(slow)) {
            ann.say("ping", "{}", "a");
            ann.say("ping", "{}", "b");
            ann.say("ping", "{}", "c");
            ann.say("chat:join", "{}", "d");
            assertThat(refs(ann, 2)).containsExactly("pong a", "pong b");
            assertThat(refs(ann, 2)).containsExactly("error c", "chat:error d");
        }
    }

    @Test
    void whatHasNoTypeIsAnsweredByItsNameAndNullIsNone() {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.socket().text("{\"id\":\"a\",\"payload\":{}}");
            ann.socket().text("{\"id\":null,\"type\":\"ping\"}");
            assertThat(refs(ann, 2)).containsExactly("error a", "pong ");
        }
    }

    @Test
    void whatIsNoTextIsNotTheRoomThatWasJoinedLast() {
        try (ChatClient ann = ChatClient.open(server);
                ChatClient ben = ChatClient.open(server)) {
            ben.join("Ben", "secret");
            ann.join("Ann", "open");
            ann.join("Ann", "secret");
            ben.expect("chat:user_joined");
            for (String wrong : List.of("5", "[\"open\"]", "{}", "true")) {
                ann.say("chat:message", "{\"text\":\"for others\",\"room\":" + wrong + "}");
                ann.say("chat:typing", "{\"typing\":true,\"room\":" + wrong + "}");
                ann.say("chat:leave", "{\"room\":" + wrong + "}");
                ann.say("chat:join", "{\"room\":" + wrong + "}");
                for (int i = 0; i < 4; i++) {
                    assertThat(ann.expect("chat:error").path("code").asText()).isEqualTo("bad_request");
                }
            }
            ann.say("chat:message", "{\"text\":\"for you\",\"room\":null}");
            assertThat(ben.expect("chat:message").path("text").asText()).isEqualTo("for you");
        }
    }

    @Test
    void oneConnectionHasTooManyRoomsAsWell() {
        try (ChatClient ann = ChatClient.open(server)) {
            for (String room : List.of("a", "b", "c")) {
                ann.join("Ann", room);
            }
            ann.say("chat:join", "{\"room\":\"d\"}");
            JsonNode error = ann.expect("chat:error");
            assertThat(error.path("code").asText()).isEqualTo("too_many_rooms");
            assertThat(error.path("message").asText()).isEqualTo("Too many rooms");
            ann.say("channel:subscribe", "{\"channel\":\"live:d\"}");
            assertThat(ann.expect("error").path("code").asText()).isEqualTo("limit_exceeded");
        }
    }

    @Test
    void aPageOfHistoryHasAWholeNumberOfPublications() {
        try (ChatClient ann = ChatClient.open(server)) {
            ann.say("history", "{\"channel\":\"demo:none\",\"limit\":null}");
            ann.expect("history");
            ann.say("history", "{\"channel\":\"demo:none\",\"limit\":2.5}");
            assertThat(ann.expect("error").path("code").asText()).isEqualTo("bad_request");
        }
    }

    /** Types and references of the next frames. */
    private static List<String> refs(ChatClient who, int count) {
        List<String> refs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            JsonNode frame = who.next();
            refs.add(frame.path("type").asText() + " " + frame.path("ref").asText());
        }
        return refs;
    }
}
