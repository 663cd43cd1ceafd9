package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients are told when the server cannot tell what they have missed. */
class CentrifugoLostIT {
    private static final String SECRET = "the secret of an application, long enough";

    @Test
    void whomTheServerSubscribedComesAgainAndWhoSubscribedItselfSubscribesAgain() {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("realtime.token-secret", SECRET)
                        .start();
                Client ann = Client.open(server);
                Client ben = Client.connected(server)) {
            String epoch = ann.connect(token()).at("/subs/demo:lost/epoch").asText();
            assertThat(epoch).isNotEmpty();
            ben.ask(2, "subscribe", "{\"channel\":\"demo:lost\"}");
            ben.ask(3, "publish", "{\"channel\":\"demo:lost\",\"data\":\"old\"}");
            assertThat(ann.expect("/push/pub").at("/push/pub/offset").asLong()).isEqualTo(1);

            // As if an old copy of the database had been put in its place.
            database.execute(
                    "DELETE FROM sluice.stream WHERE channel = 'demo:lost'",
                    "DELETE FROM sluice.channel WHERE channel = 'demo:lost'",
                    "UPDATE sluice.epoch SET epoch = 'another'",
                    "SELECT sluice.publish('demo:lost', '\"new\"'::jsonb)");

            assertThat(ann.closeCode()).isEqualTo(3010);
            JsonNode push = ben.expect("/push/unsubscribe").path("push");
            assertThat(push.path("channel").asText()).isEqualTo("demo:lost");
            assertThat(push.at("/unsubscribe/code").asInt()).isEqualTo(2500);
            JsonNode again = ben.ask(
                            4,
                            "subscribe",
                            "{\"channel\":\"demo:lost\",\"recover\":true,\"offset\":1,\"epoch\":\"" + epoch + "\"}")
                    .path("subscribe");
            assertThat(again.path("was_recovering").asBoolean()).isTrue();
            assertThat(again.path("recovered").asBoolean()).isFalse();
            assertThat(again.path("epoch").asText()).isEqualTo("another");
            comesAgain(server, epoch);
        }
    }

    private static void comesAgain(TestServer server, String epoch) {
        try (Client ann = Client.open(server)) {
            JsonNode begun = ann.ask("{\"id\":1,\"connect\":{\"token\":\"" + token()
                            + "\",\"subs\":{\"demo:lost\":{\"recover\":true,\"offset\":1,\"epoch\":\"" + epoch
                            + "\"}}}}")
                    .at("/connect/subs/demo:lost");
            assertThat(begun.path("was_recovering").asBoolean()).isTrue();
            assertThat(begun.path("recovered").asBoolean()).isFalse();
            assertThat(begun.path("epoch").asText()).isEqualTo("another");
        }
    }

    private static String token() {
        return Jwts.builder()
                .subject("42")
                .claim("channels", List.of("demo:lost"))
                .signWith(Keys.hmacShaKeyFor(SECRET.getBytes(StandardCharsets.UTF_8)))
                .compact();
    }
}
