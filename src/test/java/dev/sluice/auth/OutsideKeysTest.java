package dev.sluice.auth;

import static dev.sluice.auth.BlockingSource.LONG_SECONDS;
import static dev.sluice.auth.BlockingSource.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for the issuer, and who does not. */
class OutsideKeysTest {
    private static final KeyPair PAIR = Jwks.CRV.Ed25519.keyPair().build();

    private final TestClock clock = new TestClock();
    private final BlockingSource source = new BlockingSource();
    private final OutsideKeys keys = new OutsideKeys(this::read, clock);
    private volatile boolean down;

    @AfterEach
    void release() {
        source.release();
    }

    @Test
    void while_one_request_reads_old_keys_again_the_others_go_on_with_them() throws Exception {
        assertThat(find("known")).isPresent();
        clock.advance(OutsideKeys.KEPT.plusSeconds(1));
        source.block();
        CompletableFuture<Optional<PublicKey>> reader = CompletableFuture.supplyAsync(() -> find("known"));
        source.awaitReader();

        for (int i = 0; i < 20; i++) {
            assertThat(soon(() -> find("known"))).isPresent();
        }
        assertThat(reader).isNotDone();
        source.release();
        assertThat(reader.get(LONG_SECONDS, TimeUnit.SECONDS)).isPresent();
        assertThat(source.reads()).isEqualTo(2);
    }

    @Test
    void a_forged_key_id_does_not_hold_those_with_a_known_one() throws Exception {
        assertThat(find("known")).isPresent();
        clock.advance(OutsideKeys.PAUSE.plusSeconds(1));
        source.block();
        CompletableFuture<Optional<PublicKey>> reader = CompletableFuture.supplyAsync(() -> find("forged"));
        source.awaitReader();

        assertThat(soon(() -> find("known"))).isPresent();
        source.release();
        assertThat(reader.get(LONG_SECONDS, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void a_first_request_that_cannot_wait_for_the_one_who_reads_is_told_to_come_again() throws Exception {
        source.block();
        CompletableFuture<Optional<PublicKey>> reader = CompletableFuture.supplyAsync(() -> find("known"));
        source.awaitReader();

        assertThat(soon(() -> refusal("known"))).isEqualTo(ErrorCode.BUSY);
        source.release();
        assertThat(reader.get(LONG_SECONDS, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void a_source_that_failed_is_left_alone_for_a_while() {
        down = true;
        for (int i = 0; i < 20; i++) {
            assertThat(refusal("known")).isEqualTo(ErrorCode.BUSY);
        }
        assertThat(source.reads()).isEqualTo(1);

        down = false;
        clock.advance(OutsideKeys.FAILURE_PAUSE);
        assertThat(find("known")).isPresent();
        assertThat(find("forged")).isEmpty();
        assertThat(source.reads()).isEqualTo(2);
    }

    @Test
    void what_is_no_key_set_is_a_failure_like_any_other() {
        OutsideKeys nonsense = new OutsideKeys(() -> "<html>", clock);
        assertThatThrownBy(() -> nonsense.find(header("known")))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
    }

    private String read() throws IOException {
        source.pass();
        if (down) {
            throw new IOException("down");
        }
        return Json.text(Map.of(
                "keys",
                List.of(
                        Jwks.builder().key(PAIR.getPublic()).id("known").build(),
                        Jwks.builder()
                                .key(Jwts.SIG.ES256.keyPair().build().getPublic())
                                .id("other")
                                .build())));
    }

    private Optional<PublicKey> find(String kid) {
        return keys.find(header(kid));
    }

    private ErrorCode refusal(String kid) {
        try {
            throw new AssertionError("found: " + find(kid));
        } catch (ProblemException e) {
            return e.code();
        }
    }

    private static JwtHeader header(String kid) {
        String json = "{\"alg\":\"EdDSA\",\"kid\":\"" + kid + "\"}";
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
        return JwtHeader.of(encoded + ".e30.c2ln").orElseThrow();
    }
}
