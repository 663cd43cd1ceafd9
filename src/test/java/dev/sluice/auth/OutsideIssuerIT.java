package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import dev.sluice.http.Json;
import io.jsonwebtoken.JwtBuilder;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutsideIssuerIT extends AuthFixture {
    private static final KeyPair PAIR = Jwts.SIG.ES256.keyPair().build();

    @TempDir
    private static Path folder;

    @Override
    Map<String, String> settings() {
        Path file = folder.resolve("keys.json");
        try {
            Map<String, Object> keys = Map.of(
                    "keys",
                    List.of(Jwks.builder().key(PAIR.getPublic()).id("one").build()));
            Files.writeString(file, Json.text(keys));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of(
                "auth.registration", "true",
                "auth.jwks", file.toString(),
                "auth.issuer", "https://id.example",
                "auth.roles-claim", "app.roles");
    }

    @Test
    void a_token_of_the_outside_issuer_signs_in_beside_our_own() {
        Answer seen = client.get("/editors", token().signWith(PAIR.getPrivate()).compact());
        assertThat(seen.status()).isEqualTo(200);
        assertThat(seen.text("subject")).isEqualTo("https://id.example|jo");
        String own = client.register("own@example.com").text("accessToken");
        assertThat(client.get("/signed-in", own).status()).isEqualTo(200);
    }

    @Test
    void an_outside_caller_has_no_account_here() {
        String token = token().claim("sid", UUID.randomUUID().toString())
                .signWith(PAIR.getPrivate())
                .compact();
        assertThat(client.get("/api/auth/me", token).text("id")).isEqualTo("https://id.example|jo");
        assertThat(client.get("/api/auth/sessions", token).status()).isEqualTo(403);
        assertThat(client.post("/api/auth/keys", token, Map.of("name", "k")).status())
                .isEqualTo(403);
    }

    @Test
    void an_outside_caller_buys_tickets() {
        String token = token().signWith(PAIR.getPrivate()).compact();
        String ticket = client.post("/api/auth/ticket", token, Map.of()).text("ticket");
        assertThat(client.get("/stream?ticket=" + ticket, "").text("subject")).isEqualTo("https://id.example|jo");
    }

    @Test
    void the_public_key_does_not_sign_as_a_secret() {
        SecretKeySpec confused = new SecretKeySpec(PAIR.getPublic().getEncoded(), "HmacSHA256");
        String token = token().signWith(confused, Jwts.SIG.HS256).compact();
        assertThat(client.get("/public", token).code()).isEqualTo("unauthorized");
    }

    private JwtBuilder token() {
        return Jwts.builder()
                .header()
                .keyId("one")
                .and()
                .issuer("https://id.example")
                .subject("jo")
                .claim("app", Map.of("roles", List.of("editor")))
                .issuedAt(Date.from(clock.instant()))
                .expiration(Date.from(clock.instant().plusSeconds(300)));
    }
}
