package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TwoNodesIT extends AuthFixture {
    private AuthNode second;
    private AuthClient other;

    @BeforeAll
    void startSecond() throws Exception {
        second = AuthNode.start(database, clock, settings());
        other = new AuthClient(second.url());
    }

    @AfterAll
    void stopSecond() throws Exception {
        second.close();
    }

    @Test
    void nodes_that_start_together_share_one_signing_secret() {
        List<CompletableFuture<Answer>> both = Stream.of(client, other, client, other)
                .map(node ->
                        CompletableFuture.supplyAsync(() -> node.register("n" + System.nanoTime() + "@example.com")))
                .toList();
        for (CompletableFuture<Answer> one : both) {
            String token = one.join().text("accessToken");
            assertThat(client.get("/signed-in", token).status()).isEqualTo(200);
            assertThat(other.get("/signed-in", token).status()).isEqualTo(200);
        }
    }

    @Test
    void both_nodes_give_the_same_successor() {
        String old = client.register("same@example.com").text("refreshToken");
        CompletableFuture<Answer> here = CompletableFuture.supplyAsync(() -> client.refresh(old));
        Answer there = other.refresh(old);
        assertThat(here.join().text("refreshToken")).isEqualTo(there.text("refreshToken"));
    }

    @Test
    void what_one_node_revokes_the_other_refuses_at_once() {
        Answer answer = client.register("revoked@example.com");
        String token = answer.text("accessToken");
        assertThat(other.get("/signed-in", token).status()).isEqualTo(200);
        client.post("/api/auth/logout", token, Map.of());
        assertThat(other.get("/signed-in", token).status()).isEqualTo(401);
    }

    @Test
    void a_ticket_of_one_node_opens_one_stream_on_the_other() {
        String token = client.register("ticket@example.com").text("accessToken");
        String ticket = client.post("/api/auth/ticket", token, Map.of()).text("ticket");
        assertThat(other.get("/stream?ticket=" + ticket, "").status()).isEqualTo(200);
        assertThat(client.get("/stream?ticket=" + ticket, "").status()).isEqualTo(401);
    }

    @Test
    void a_new_secret_signs_and_the_old_one_still_verifies() {
        String before = client.register("secret@example.com").text("accessToken");
        database.execute(
                "INSERT INTO sluice.signing_secret VALUES ('newer', sha256('newer'), now() + interval '1 year')");
        clock.advance(Duration.ofSeconds(2));
        assertThat(client.get("/signed-in", before).status()).isEqualTo(200);
        clock.advance(SigningSecrets.KEPT);
        String after = other.login("secret@example.com", PASSWORD).text("accessToken");
        assertThat(JwtHeader.of(after).orElseThrow().kid()).isEqualTo("newer");
        assertThat(client.get("/signed-in", after).status()).isEqualTo(200);
        assertThat(client.get("/signed-in", before).status()).isEqualTo(200);
        database.execute("UPDATE sluice.signing_secret SET retired_at = now() WHERE kid <> 'newer'");
        clock.advance(SigningSecrets.KEPT.plusSeconds(1));
        assertThat(client.get("/signed-in", before).status()).isEqualTo(401);
        assertThat(client.get("/signed-in", after).status()).isEqualTo(200);
    }
}
