package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.auth.AuthClient.Answer;
import dev.sluice.http.Json;
import io.jsonwebtoken.Jwts;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokenIT extends AuthFixture {
    private String token = "";
    private String subject = "";
    private String kid = "";
    private SecretKey secret = new SecretKeySpec(new byte[32], "HmacSHA256");

    @BeforeAll
    void signIn() throws SQLException {
        token = client.register("token@example.com").text("accessToken");
        subject = client.get("/public", token).text("subject");
        try (Connection connection = database.connect();
                ResultSet row =
                        connection.createStatement().executeQuery("SELECT kid, secret FROM sluice.signing_secret")) {
            row.next();
            kid = row.getString(1);
            secret = new SecretKeySpec(row.getBytes(2), "HmacSHA256");
        }
    }

    @Test
    void our_own_signature_over_the_same_claims_is_accepted() {
        assertThat(get(signed(claims(), secret)).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x", "a.b.c", "....", "eyJhbGciOiJIUzI1NiJ9..", "sluice_", "sluice_000000000000_x", "\"'; --"})
    void nonsense_is_refused(String nonsense) {
        assertRefused(get(nonsense));
    }

    @Test
    void a_token_without_signature_is_refused() {
        String payload = token.split("\\.")[1];
        assertRefused(get(base64("{\"alg\":\"none\"}") + "." + payload + "."));
        assertRefused(get(base64("{\"alg\":\"None\",\"kid\":\"" + kid + "\"}") + "." + payload + "."));
        assertRefused(get(base64("{\"alg\":\"HS256\",\"kid\":\"" + kid + "\"}") + "." + payload + "."));
    }

    @Test
    void a_changed_payload_is_refused() {
        String[] parts = token.split("\\.");
        String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String changed = base64(payload.replace(subject, UUID.randomUUID().toString()));
        assertRefused(get(parts[0] + "." + changed + "." + parts[2]));
    }

    @Test
    void the_signature_of_another_key_is_refused() {
        assertRefused(get(signed(claims(), Jwts.SIG.HS256.key().build())));
    }

    @Test
    void an_unknown_key_id_is_refused() {
        kidded("no-such-key");
        kidded("'; DROP TABLE sluice.signing_secret; --");
        kidded("../../dev/null");
    }

    @Test
    void another_algorithm_is_refused() {
        SecretKey longer = new SecretKeySpec(new byte[64], "HmacSHA512");
        assertRefused(get(Jwts.builder()
                .header()
                .keyId(kid)
                .and()
                .claims(claims())
                .signWith(longer, Jwts.SIG.HS512)
                .compact()));
        KeyPair pair = Jwts.SIG.RS256.keyPair().build();
        assertRefused(get(Jwts.builder()
                .header()
                .keyId(kid)
                .and()
                .claims(claims())
                .signWith(pair.getPrivate(), Jwts.SIG.RS256)
                .compact()));
    }

    @Test
    void an_expired_token_is_told_apart() {
        Instant now = clock.instant();
        Map<String, Object> claims = claims();
        claims.put("exp", Date.from(now.minusSeconds(1)));
        Answer answer = get(signed(claims, secret));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("token_expired");
        claims.put("exp", Date.from(now.minusSeconds(3600)));
        assertThat(get(signed(claims, secret)).code()).isEqualTo("token_expired");
        claims.put("exp", Date.from(now.minusSeconds(3600)));
        assertThat(get(signed(claims, Jwts.SIG.HS256.key().build())).code()).isEqualTo("unauthorized");
    }

    @Test
    void a_token_expires_with_its_lifetime() {
        Answer signedIn = client.register("expires@example.com");
        String issued = signedIn.text("accessToken");
        clock.advance(Duration.ofSeconds(899));
        assertThat(get(issued).status()).isEqualTo(200);
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(issued).code()).isEqualTo("token_expired");
        String body = "{\"refreshToken\":\"" + signedIn.text("refreshToken") + "\"}";
        assertThat(client.post("/api/auth/refresh", issued, body).status())
                .as("the expired token that came along")
                .isEqualTo(200);
    }

    @Test
    void a_token_without_an_end_is_refused() {
        Map<String, Object> claims = claims();
        claims.remove("exp");
        assertRefused(get(signed(claims, secret)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iat", "nbf"})
    void a_token_from_the_future_is_refused_beyond_a_minute(String claim) {
        Map<String, Object> claims = claims();
        claims.put(claim, Date.from(clock.instant().plusSeconds(55)));
        assertThat(get(signed(claims, secret)).status()).isEqualTo(200);
        claims.put(claim, Date.from(clock.instant().plusSeconds(65)));
        assertRefused(get(signed(claims, secret)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "aud", "sub", "sid"})
    void a_token_for_somebody_else_is_refused(String claim) {
        Map<String, Object> claims = claims();
        claims.put(claim, UUID.randomUUID().toString());
        assertRefused(get(signed(claims, secret)));
        claims.remove(claim);
        assertRefused(get(signed(claims, secret)));
    }

    @Test
    void a_huge_token_is_refused_unseen() {
        Map<String, Object> claims = claims();
        claims.put("padding", "x".repeat(10_000));
        String huge = signed(claims, secret);
        assertThatThrownBy(() -> node.auth().authenticate(huge)).hasMessage("The token is not valid.");
    }

    @Test
    void a_wrong_token_is_refused_also_where_none_is_needed() {
        assertThat(client.get("/public", "").status()).isEqualTo(200);
        assertRefused(client.get("/public", "wrong"));
    }

    @Test
    void without_a_token_only_public_paths_answer() {
        assertThat(client.get("/public", "").text("subject")).isEmpty();
        Answer none = client.get("/signed-in", "");
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(client.get("/editors", "").status()).isEqualTo(401);
        assertThat(client.get("/editors", token).status()).isEqualTo(403);
        assertThat(client.get("/api/users", token).status()).isEqualTo(403);
        assertThat(client.get("/elsewhere", token).status()).isEqualTo(404);
        assertThat(client.get("/elsewhere", "").status()).isEqualTo(404);
    }

    @Test
    void the_scheme_is_spelt_as_one_likes_and_other_schemes_are_no_tokens() {
        assertThat(client.send("GET", "/signed-in", "", null, "Authorization", "bearer " + token)
                        .status())
                .isEqualTo(200);
        assertThat(client.send("GET", "/public", "", null, "Authorization", "Basic eDp5")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void an_empty_token_is_a_wrong_one() {
        assertRefused(client.send("GET", "/public", "", null, "Authorization", "Bearer"));
        assertRefused(client.send("GET", "/public", "", null, "X-API-Key", ""));
    }

    @Test
    void a_token_in_the_query_counts_only_on_streams() {
        assertThat(client.get("/stream?token=" + token, "").text("subject")).isEqualTo(subject);
        assertThat(client.get("/signed-in?token=" + token, "").status()).isEqualTo(401);
        assertRefused(client.get("/stream?token=wrong", ""));
    }

    private void kidded(String other) {
        assertRefused(get(Jwts.builder()
                .header()
                .keyId(other)
                .and()
                .claims(claims())
                .signWith(secret, Jwts.SIG.HS256)
                .compact()));
    }

    private Answer get(String given) {
        return client.get("/signed-in", given);
    }

    private static void assertRefused(Answer answer) {
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("unauthorized");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    }

    /** The claims of a genuine token, fresh. */
    private Map<String, Object> claims() {
        String payload = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8);
        Map<String, Object> claims = new LinkedHashMap<>(Json.parseMap(payload));
        claims.put("iat", Date.from(clock.instant()));
        claims.put("exp", Date.from(clock.instant().plusSeconds(900)));
        return claims;
    }

    private String signed(Map<String, Object> claims, SecretKey key) {
        return Jwts.builder()
                .header()
                .keyId(kid)
                .and()
                .claims(claims)
                .signWith(key, Jwts.SIG.HS256)
                .compact();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
