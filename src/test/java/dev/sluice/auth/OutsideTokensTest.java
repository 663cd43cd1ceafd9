package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.AuthSettings;
import dev.sluice.settings.Rate;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutsideTokensTest {
    private static final KeyPair RSA = Jwts.SIG.RS256.keyPair().build();
    private static final KeyPair EC = Jwts.SIG.ES256.keyPair().build();
    private static final KeyPair ED = Jwks.CRV.Ed25519.keyPair().build();
    private static final KeyPair OTHER = Jwts.SIG.RS256.keyPair().build();
    private static final String ISSUER = "https://id.example";

    private final TestClock clock = new TestClock();
    private final List<Map<String, Object>> published = new ArrayList<>();
    private int reads;
    private boolean down;

    private OutsideTokens tokens = tokens("roles", Optional.of("sluice-app"));

    OutsideTokensTest() {
        published.add(jwk("rsa", RSA));
        published.add(jwk("ec", EC));
        published.add(jwk("ed", ED));
    }

    @Test
    void the_three_algorithms_are_accepted() {
        assertThat(verify(token("rsa").signWith(RSA.getPrivate(), Jwts.SIG.RS256))
                        .name())
                .isEqualTo("Jo");
        assertThat(verify(token("ec").signWith(EC.getPrivate(), Jwts.SIG.ES256)).name())
                .isEqualTo("Jo");
        assertThat(verify(token("ed").signWith(ED.getPrivate(), Jwts.SIG.EdDSA)).name())
                .isEqualTo("Jo");
    }

    @Test
    void the_subject_is_qualified_by_its_issuer() {
        Caller caller = verify(signed(token("rsa")));
        assertThat(caller.subject()).isEqualTo("https://id.example|jo");
        assertThat(caller.roles()).containsExactlyInAnyOrder("user", "editor");
        assertThat(caller.claims()).containsEntry("sub", "jo").containsEntry("iss", ISSUER);
        assertThat(caller.claims().get("exp")).isInstanceOf(Number.class);
    }

    @Test
    void an_outside_session_is_none_of_ours() {
        Caller caller =
                verify(signed(token("rsa").claim("sid", UUID.randomUUID().toString())));
        assertThat(SessionCaller.find(caller)).isEmpty();
    }

    @Test
    void dots_go_into_nested_objects() {
        tokens = tokens("realm_access.roles", Optional.of("sluice-app"));
        JwtBuilder nested = token("rsa").claim("realm_access", Map.of("roles", List.of("auditor", 7)));
        assertThat(verify(signed(nested)).roles()).containsExactly("auditor");
        assertThat(verify(signed(token("rsa"))).roles()).isEmpty();
    }

    @Test
    void a_claim_may_have_dots_in_its_own_name() {
        tokens = tokens("https://id.example/roles", Optional.of("sluice-app"));
        JwtBuilder named = token("rsa").claim("https://id.example/roles", "auditor editor");
        assertThat(verify(signed(named)).roles()).containsExactlyInAnyOrder("auditor", "editor");
    }

    @Test
    void a_public_key_is_no_secret_to_sign_with() {
        for (byte[] known : new byte[][] {
            RSA.getPublic().getEncoded(), Json.bytes(published.get(0)), pem(RSA).getBytes(StandardCharsets.US_ASCII)
        }) {
            SecretKey confused = new SecretKeySpec(known, "HmacSHA256");
            refused(token("rsa").signWith(confused, Jwts.SIG.HS256));
        }
    }

    @Test
    void a_key_signs_only_with_its_own_algorithm() {
        published.get(0).put("alg", "RS512");
        refused(signed(token("rsa")));
        refused(token("ec").signWith(RSA.getPrivate(), Jwts.SIG.RS256));
        refused(token("rsa").signWith(RSA.getPrivate(), Jwts.SIG.PS256));
        refused(token("rsa").signWith(RSA.getPrivate(), Jwts.SIG.RS384));
    }

    @Test
    void another_key_is_refused() {
        refused(token("rsa").signWith(OTHER.getPrivate(), Jwts.SIG.RS256));
    }

    @Test
    void a_secret_in_the_published_set_is_not_used() {
        SecretKey secret = Jwts.SIG.HS256.key().build();
        published.add(new LinkedHashMap<>(Map.of(
                "kty",
                "oct",
                "kid",
                "oct",
                "k",
                Base64.getUrlEncoder().withoutPadding().encodeToString(secret.getEncoded()))));
        refused(token("oct").signWith(secret, Jwts.SIG.HS256));
        assertThat(verify(signed(token("rsa"))).name()).isEqualTo("Jo");
    }

    @Test
    void keys_of_an_unknown_kind_are_passed_over() {
        published.add(0, new LinkedHashMap<>(Map.of("kty", "future", "kid", "f")));
        assertThat(verify(signed(token("rsa"))).name()).isEqualTo("Jo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "aud", "sub", "exp"})
    void what_the_token_must_say_it_must_say(String claim) {
        refused(signed(token("rsa").claim(claim, null)));
        if (!claim.equals("exp") && !claim.equals("sub")) {
            refused(signed(token("rsa").claim(claim, "else")));
        }
    }

    @Test
    void without_an_audience_in_the_settings_any_is_accepted() {
        tokens = tokens("roles", Optional.empty());
        assertThat(verify(signed(token("rsa").claim("aud", null))).name()).isEqualTo("Jo");
    }

    @Test
    void times_are_checked() {
        JwtBuilder expired = token("rsa").expiration(Date.from(clock.instant()));
        assertThatThrownBy(() -> verify(signed(expired)))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_EXPIRED));
        refused(signed(token("rsa").issuedAt(Date.from(clock.instant().plusSeconds(65)))));
        refused(signed(token("rsa").notBefore(Date.from(clock.instant().plusSeconds(65)))));
        assertThat(verify(signed(
                                token("rsa").notBefore(Date.from(clock.instant().plusSeconds(55)))))
                        .name())
                .isEqualTo("Jo");
    }

    @Test
    void new_keys_are_fetched_once_a_minute_at_most() {
        verify(signed(token("rsa")));
        assertThat(reads).isEqualTo(1);
        published.add(jwk("new", OTHER));
        refused(token("new").signWith(OTHER.getPrivate(), Jwts.SIG.RS256));
        assertThat(reads).isEqualTo(1);
        clock.advance(OutsideKeys.PAUSE);
        assertThat(verify(token("new").signWith(OTHER.getPrivate(), Jwts.SIG.RS256))
                        .name())
                .isEqualTo("Jo");
        assertThat(reads).isEqualTo(2);
        for (int i = 0; i < 100; i++) {
            refused(token("forged" + i).signWith(OTHER.getPrivate(), Jwts.SIG.RS256));
        }
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void a_key_that_is_published_no_more_is_forgotten() {
        verify(signed(token("rsa")));
        published.remove(0);
        clock.advance(OutsideKeys.KEPT.plusSeconds(1));
        refused(signed(token("rsa")));
    }

    @Test
    void keys_survive_that_their_source_is_down() {
        verify(signed(token("rsa")));
        down = true;
        clock.advance(OutsideKeys.KEPT.plusSeconds(1));
        assertThat(verify(signed(token("rsa"))).name()).isEqualTo("Jo");
    }

    @Test
    void without_keys_no_token_is_right_or_wrong() {
        down = true;
        assertThatThrownBy(() -> verify(signed(token("rsa"))))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
    }

    @Test
    void one_key_needs_no_id() {
        published.subList(1, 3).clear();
        published.get(0).remove("kid");
        assertThat(verify(signed(token("any"))).name()).isEqualTo("Jo");
    }

    private OutsideTokens tokens(String rolesClaim, Optional<String> audience) {
        AuthSettings settings = new AuthSettings(
                Optional.empty(),
                Duration.ofMinutes(15),
                Duration.ofDays(30),
                Rate.UNLIMITED,
                4,
                Optional.of("keys.json"),
                Optional.of(ISSUER),
                audience,
                "sub",
                "name",
                rolesClaim);
        return new OutsideTokens(settings, new OutsideKeys(this::read, clock), clock);
    }

    private String read() throws IOException {
        reads++;
        if (down) {
            throw new IOException("down");
        }
        return Json.text(Map.of("keys", published));
    }

    private JwtBuilder token(String kid) {
        return Jwts.builder()
                .header()
                .keyId(kid)
                .and()
                .issuer(ISSUER)
                .claim("aud", "sluice-app")
                .subject("jo")
                .claim("name", "Jo")
                .claim("roles", List.of("user", "editor"))
                .issuedAt(Date.from(clock.instant()))
                .expiration(Date.from(clock.instant().plusSeconds(300)));
    }

    private static JwtBuilder signed(JwtBuilder token) {
        return token.signWith(RSA.getPrivate(), Jwts.SIG.RS256);
    }

    /** As the door does: by the algorithm that the header names. */
    private Caller verify(JwtBuilder token) {
        String text = token.compact();
        JwtHeader header = JwtHeader.of(text).orElseThrow();
        if (!OutsideTokens.ALGORITHMS.contains(header.algorithm())) {
            throw Refusal.invalid();
        }
        return tokens.verify(text, header);
    }

    private void refused(JwtBuilder token) {
        ThrowingCallable verify = () -> verify(token);
        assertThatThrownBy(verify)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED));
    }

    private static Map<String, Object> jwk(String kid, KeyPair pair) {
        Jwk<?> jwk = Jwks.builder().key(pair.getPublic()).id(kid).build();
        return new LinkedHashMap<>(jwk);
    }

    private static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
