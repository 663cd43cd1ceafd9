package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RefreshIT extends AuthFixture {
    @Test
    void a_refresh_token_gives_new_tokens_and_a_successor() {
        Answer first = client.register("rotate@example.com");
        Answer second = client.refresh(first.text("refreshToken"));
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.text("refreshToken")).isNotEqualTo(first.text("refreshToken"));
        assertThat(second.body().path("expiresIn").asInt()).isEqualTo(900);
        assertThat(second.body().path("user")).isEqualTo(first.body().path("user"));
        assertThat(client.get("/api/auth/me", second.text("accessToken")).status())
                .isEqualTo(200);
    }

    @Test
    void five_tabs_that_refresh_at_once_get_the_same_successor() {
        String old = client.register("tabs@example.com").text("refreshToken");
        List<CompletableFuture<Answer>> tabs = Stream.generate(
                        () -> CompletableFuture.supplyAsync(() -> client.refresh(old)))
                .limit(5)
                .toList();
        List<Answer> answers = tabs.stream().map(CompletableFuture::join).toList();
        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
        assertThat(answers.stream().map(answer -> answer.text("refreshToken")).distinct())
                .hasSize(1);
        assertThat(client.refresh(answers.get(0).text("refreshToken")).status()).isEqualTo(200);
    }

    @Test
    void a_client_that_lost_the_reply_gets_it_again_within_thirty_seconds() {
        String old = client.register("lost@example.com").text("refreshToken");
        String lost = client.refresh(old).text("refreshToken");
        clock.advance(Duration.ofSeconds(30));
        Answer again = client.refresh(old);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text("refreshToken")).isEqualTo(lost);
    }

    @Test
    void a_token_that_comes_back_later_ends_the_session() {
        Answer first = client.register("reuse@example.com");
        Answer second = client.refresh(first.text("refreshToken"));
        clock.advance(Duration.ofSeconds(31));
        Answer reuse = client.refresh(first.text("refreshToken"));
        assertThat(reuse.status()).isEqualTo(401);
        assertThat(reuse.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(client.refresh(second.text("refreshToken")).status()).isEqualTo(401);
        assertThat(client.get("/api/auth/me", second.text("accessToken")).status())
                .isEqualTo(401);
    }

    @Test
    void a_session_lives_from_its_last_use_on() {
        Answer answer = client.register("sliding@example.com");
        clock.advance(Duration.ofDays(29));
        Answer later = client.refresh(answer.text("refreshToken"));
        clock.advance(Duration.ofDays(29));
        Answer latest = client.refresh(later.text("refreshToken"));
        assertThat(latest.status()).isEqualTo(200);
        clock.advance(Duration.ofDays(31));
        assertThat(client.refresh(latest.text("refreshToken")).status()).isEqualTo(401);
    }
}
