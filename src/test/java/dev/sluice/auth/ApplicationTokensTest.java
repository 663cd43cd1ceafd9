package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;

class ApplicationTokensTest {
    private static final SecretKey SHARED = key("the secret of an application, long enough");

    private final TestClock clock = new TestClock();
    private final ApplicationTokens tokens = new ApplicationTokens(clock);

    @Test
    void the_user_and_the_channels_are_the_applications() {
        Caller caller = verify(token().claim("channels", List.of("news"))
                .claim("info", Map.of("name", "Ann"))
                .claim("subs", Map.of("demo:a", Map.of())));
        assertThat(caller.subject()).isEqualTo("42");
        assertThat(caller.name()).isEqualTo("Ann");
        assertThat(caller.roles()).isEmpty();
        assertThat(caller.claims())
                .containsEntry("channels", List.of("news"))
                .containsEntry("subs", Map.of("demo:a", Map.of()))
                .containsEntry("exp", clock.instant().plusSeconds(60).getEpochSecond());
    }

    @Test
    void without_a_name_the_subject_is_shown() {
        assertThat(verify(token().claim("info", "a text")).name()).isEqualTo("42");
        assertThat(verify(token().claim("info", Map.of("name", "line\nbreak"))).name())
                .isEqualTo("42");
    }

    @Test
    void nobody_in_particular_may_be_meant() {
        assertThat(verify(Jwts.builder().claim("channels", List.of("news"))).signedIn())
                .isFalse();
    }

    @Test
    void the_connection_may_end_at_another_time_than_the_token() {
        long later = clock.instant().plusSeconds(3600).getEpochSecond();
        assertThat(verify(token().claim("expire_at", later)).claims()).containsEntry("exp", later);
        assertThat(verify(token().claim("expire_at", 0)).claims()).doesNotContainKey("exp");
        assertThat(verify(Jwts.builder().subject("42")).claims()).doesNotContainKey("exp");
        long now = clock.instant().getEpochSecond();
        assertThat(verify(token().claim("expire_at", now)).claims()).containsEntry("exp", now);
    }

    @Test
    void none_is_taken_for_one_of_our_callers() {
        Caller caller = verify(token().claim("key", "5").claim("sid", "5"));
        assertThat(caller.claims()).doesNotContainKeys("key", "sid");
        assertThat(SessionCaller.find(caller)).isEmpty();
    }

    @Test
    void what_lets_somebody_listen_lets_nobody_connect() {
        refused(token().claim("channel", "news"), ErrorCode.UNAUTHORIZED);
    }

    @Test
    void an_end_is_an_end() {
        JwtBuilder token = token();
        clock.advance(Duration.ofSeconds(60));
        refused(token, ErrorCode.TOKEN_EXPIRED);
    }

    @Test
    void forged_tokens_are_refused() {
        String forged = token().signWith(key("another secret that nobody here has seen"))
                .compact();
        assertThatThrownBy(() -> tokens.verify(forged, SHARED))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED));
        refused(token().subject("line\nbreak"), ErrorCode.UNAUTHORIZED);
        refused(token().subject("x".repeat(256)), ErrorCode.UNAUTHORIZED);
    }

    @Test
    void tokens_that_name_a_key_or_another_algorithm_are_meant_for_others() {
        assertThat(ApplicationTokens.isMeant(token().signWith(SHARED).compact()))
                .isTrue();
        assertThat(ApplicationTokens.isMeant(
                        token().header().keyId("own").and().signWith(SHARED).compact()))
                .isFalse();
        assertThat(ApplicationTokens.isMeant(token().compact())).isFalse();
        assertThat(ApplicationTokens.isMeant("x".repeat(10_000))).isFalse();
        assertThat(ApplicationTokens.isMeant("slk_x")).isFalse();
    }

    private JwtBuilder token() {
        return Jwts.builder().subject("42").expiration(Date.from(clock.instant().plusSeconds(60)));
    }

    private Caller verify(JwtBuilder token) {
        return tokens.verify(token.signWith(SHARED).compact(), SHARED);
    }

    private void refused(JwtBuilder token, ErrorCode code) {
        assertThatThrownBy(() -> verify(token))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static SecretKey key(String text) {
        return Secrets.key(text.getBytes(StandardCharsets.UTF_8));
    }
}
