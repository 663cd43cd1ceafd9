package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A room of a thousand. */
class ChatCrowdIT {
    private static final int MEMBERS = 1_000;
    /** Tenfold what it may take on a quiet machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void aThousandMembersJoinOneRoomWithinASecondAndAreToldOfEachOtherByTheLot() {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("chat.room-members", Integer.toString(MEMBERS))
                        // Who reads only at the end is no dead client, and no slow one.
                        .set("realtime.heartbeat", "10m")
                        .set("realtime.outbox-age", "10m")
                        .start();
                Crowd crowd = Crowd.of(server)) {
            long start = System.nanoTime();
            crowd.join();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            System.out.printf("%d members joined one room in %d ms%n", MEMBERS, took.toMillis());
            assertThat(took).isLessThan(PATIENCE);
            crowd.oneSpeaksAndAllHear();
        }
    }

    /** A thousand guests. */
    private record Crowd(List<ChatClient> members) implements AutoCloseable {
        static Crowd of(TestServer server) {
            List<ChatClient> members = new ArrayList<>();
            for (int i = 0; i < MEMBERS; i++) {
                members.add(ChatClient.open(server));
            }
            return new Crowd(members);
        }

        /** All at once, and until the last has its answer. */
        void join() {
            for (int i = 0; i < MEMBERS; i++) {
                members.get(i).say("chat:join", "{\"name\":\"n" + i + "\",\"room\":\"crowd\"}");
            }
            int last = 0;
            Set<String> first = new HashSet<>();
            for (ChatClient member : members) {
                JsonNode joined = member.expect("chat:joined");
                last = Math.max(last, joined.path("memberCount").asInt());
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
