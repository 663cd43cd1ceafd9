package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TicketIT extends AuthFixture {
    private int people;
    private Answer signedIn = Answer.NONE;

    @BeforeEach
    void signIn() {
        signedIn = client.register("ticket" + people++ + "@example.com");
    }

    @Test
    void a_ticket_opens_one_stream() {
        Answer bought = client.post("/api/auth/ticket", signedIn.text("accessToken"), Map.of());
        assertThat(bought.status()).isEqualTo(200);
        assertThat(bought.body().path("expiresIn").asInt()).isEqualTo(30);
        Answer opened = client.get("/stream?ticket=" + bought.text("ticket"), "");
        assertThat(opened.status()).isEqualTo(200);
        assertThat(opened.text("subject"))
                .isEqualTo(signedIn.body().path("user").path("id").asText());
        assertThat(open(bought.text("ticket")).status()).isEqualTo(401);
    }

    @Test
    void of_many_who_use_it_at_once_one_gets_in() {
        String ticket = buy();
        List<CompletableFuture<Answer>> all = Stream.generate(() -> CompletableFuture.supplyAsync(() -> open(ticket)))
                .limit(8)
                .toList();
        List<Integer> statuses =
                all.stream().map(CompletableFuture::join).map(Answer::status).toList();
        assertThat(statuses).containsOnlyOnce(200).contains(401);
    }

    @Test
    void a_ticket_lives_thirty_seconds() {
        String ticket = buy();
        clock.advance(Duration.ofSeconds(30));
        assertThat(open(ticket).status()).isEqualTo(401);
    }

    @Test
    void a_reconnect_that_shows_an_event_of_its_stream_is_accepted_until_the_token_expires() {
        String ticket = buy();
        String stream = open(ticket).body().path("claims").path("stream").asText();
        assertThat(stream).hasSize(16);
        clock.advance(Duration.ofMinutes(10));
        assertThat(reopen(ticket, stream + ".42").status()).isEqualTo(200);
        assertThat(client.get("/stream?ticket=" + ticket + "&lastEventId=" + stream, "")
                        .status())
                .isEqualTo(200);
        assertThat(reopen(ticket, "42").status()).isEqualTo(401);
        assertThat(reopen(ticket, "").status()).isEqualTo(401);
        clock.advance(Duration.ofMinutes(5));
        assertThat(reopen(ticket, stream + ".42").status()).isEqualTo(401);
    }

    @Test
    void a_ticket_falls_with_its_session() {
        String ticket = buy();
        client.post("/api/auth/logout", signedIn.text("accessToken"), Map.of());
        assertThat(open(ticket).status()).isEqualTo(401);
    }

    @Test
    void a_ticket_is_no_access_token_and_only_for_streams() {
        String ticket = buy();
        assertThat(client.get("/signed-in?ticket=" + ticket, "").status()).isEqualTo(401);
        assertThat(client.get("/signed-in", ticket).status()).isEqualTo(401);
        assertThat(open(ticket).status()).isEqualTo(200);
    }

    @Test
    void nobody_gets_no_ticket() {
        assertThat(client.post("/api/auth/ticket", "", Map.of()).status()).isEqualTo(401);
        assertThat(open("").status()).isEqualTo(401);
    }

    private String buy() {
        return client.post("/api/auth/ticket", signedIn.text("accessToken"), Map.of())
                .text("ticket");
    }

    private Answer open(String ticket) {
        return client.get("/stream?ticket=" + ticket, "");
    }

    private Answer reopen(String ticket, String lastEventId) {
        return client.send("GET", "/stream?ticket=" + ticket, "", null, "Last-Event-ID", lastEventId);
    }
}
