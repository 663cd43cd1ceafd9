package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.auth.SigningSecrets.Secret;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;

class SubscriptionTokensTest {
    private static final SecretKey SHARED = key("the secret of an application, long enough");
    private static final SecretKey OWN = key("a signing secret of our own, long enough");

    private final TestClock clock = new TestClock();
    private final SubscriptionTokens tokens =
            new SubscriptionTokens(new SigningSecrets(() -> Map.of("own", new Secret("own", OWN)), clock), clock);

    @Test
    void claims_come_as_the_application_wrote_them() throws SQLException {
        Map<String, Object> claims =
                verify(token().subject("ann").claim("info", Map.of("seat", 7)).signWith(SHARED));
        assertThat(claims)
                .containsEntry("sub", "ann")
                .containsEntry("channel", "room:a")
                .containsEntry("info", Map.of("seat", 7))
                .containsEntry("exp", clock.instant().plusSeconds(60).getEpochSecond());
    }

    @Test
    void our_own_secrets_sign_as_well() throws SQLException {
        JwtBuilder token = token().header().keyId("own").and();
        assertThat(verify(token.signWith(OWN))).containsEntry("channel", "room:a");
        assertThat(tokens.verify(token.signWith(OWN).compact(), Optional.empty()))
                .containsEntry("channel", "room:a");
        refused(token().header().keyId("own").and().signWith(SHARED), ErrorCode.UNAUTHORIZED);
    }

    @Test
    void an_application_may_name_its_key() throws SQLException {
        assertThat(verify(token().header().keyId("theirs").and().signWith(SHARED)))
                .isNotEmpty();
    }

    @Test
    void a_token_without_an_end_is_what_the_application_wants() throws SQLException {
        assertThat(verify(Jwts.builder().claim("channel", "room:a").signWith(SHARED)))
                .doesNotContainKey("exp");
    }

    @Test
    void an_end_is_an_end() {
        JwtBuilder token = token().signWith(SHARED);
        clock.advance(java.time.Duration.ofSeconds(60));
        refused(token, ErrorCode.TOKEN_EXPIRED);
    }

    @Test
    void forged_tokens_are_refused() {
        refused(token().signWith(key("another secret that nobody here has seen")), ErrorCode.UNAUTHORIZED);
        refused(token(), ErrorCode.UNAUTHORIZED);
        refused(token().signWith(Jwts.SIG.HS512.key().build()), ErrorCode.UNAUTHORIZED);
        refused(
                token().issuedAt(Date.from(clock.instant().plusSeconds(3600))).signWith(SHARED),
                ErrorCode.UNAUTHORIZED);
        refused(
                token().notBefore(Date.from(clock.instant().plusSeconds(3600))).signWith(SHARED),
                ErrorCode.UNAUTHORIZED);
        refused(Jwts.builder().subject("no channel").signWith(SHARED), ErrorCode.UNAUTHORIZED);
        refused(Jwts.builder().claim("channel", 7).signWith(SHARED), ErrorCode.UNAUTHORIZED);
        for (String text : new String[] {"", "x", "a.b.c", "x".repeat(10_000), none()}) {
            assertThatThrownBy(() -> tokens.verify(text, Optional.of(SHARED))).isInstanceOf(ProblemException.class);
        }
    }

    @Test
    void without_a_shared_secret_only_our_own_count() {
        assertThatThrownBy(() -> tokens.verify(token().signWith(SHARED).compact(), Optional.empty()))
                .isInstanceOf(ProblemException.class);
    }

    private static String none() {
        return base64("{\"alg\":\"none\"}") + "." + base64("{\"channel\":\"room:a\"}") + ".";
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private JwtBuilder token() {
        return Jwts.builder()
                .claim("channel", "room:a")
                .expiration(Date.from(clock.instant().plusSeconds(60)));
    }

    private Map<String, Object> verify(JwtBuilder token) throws SQLException {
        return tokens.verify(token.compact(), Optional.of(SHARED));
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
