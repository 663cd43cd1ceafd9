package dev.sluice.auth;

import static dev.sluice.auth.BlockingSource.LONG_SECONDS;
import static dev.sluice.auth.BlockingSource.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.auth.SigningSecrets.Secret;
import dev.sluice.http.Problem;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for the state database, and who does not. */
class SigningSecretsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final TestClock clock = new TestClock();
    private final BlockingSource source = new BlockingSource();
    private final Map<String, Secret> stored = new LinkedHashMap<>(Map.of("first", secret("first")));
    private final SigningSecrets secrets = new SigningSecrets(this::read, clock);
    private volatile boolean away;

    @AfterEach
    void release() {
        source.release();
    }

    @Test
    void while_one_request_reads_old_secrets_again_the_others_go_on_with_them() throws Exception {
        assertThat(kid()).isEqualTo("first");
        clock.advance(SigningSecrets.KEPT.plusSeconds(1));
        source.block();
        CompletableFuture<String> reader = CompletableFuture.supplyAsync(this::kid);
        source.awaitReader();

        for (int i = 0; i < 20; i++) {
            assertThat(soon(() -> isKnown("first"))).isTrue();
            assertThat(soon(this::kid)).isEqualTo("first");
        }
        assertThat(reader).isNotDone();
        source.release();
        assertThat(reader.get(LONG_SECONDS, TimeUnit.SECONDS)).isEqualTo("first");
        assertThat(source.reads()).isEqualTo(2);
    }

    @Test
    void secrets_go_on_to_verify_while_the_database_is_away_and_it_is_asked_once_a_second() throws Exception {
        assertThat(kid()).isEqualTo("first");
        away = true;
        clock.advance(SigningSecrets.KEPT.plusSeconds(1));
        for (int i = 0; i < 20; i++) {
            assertThat(isKnown("first")).isTrue();
        }
        assertThat(source.reads()).isEqualTo(2);
        clock.advance(SECOND);
        assertThat(isKnown("first")).isTrue();
        assertThat(source.reads()).isEqualTo(3);
    }

    @Test
    void an_unknown_secret_is_neither_right_nor_wrong_while_the_database_is_away() throws Exception {
        assertThat(isKnown("second")).isFalse();
        away = true;
        clock.advance(SECOND.plusMillis(1));
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> secrets.find("second"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(Problem.isConnectionLoss(e)).isTrue());
        }
        assertThat(source.reads()).isEqualTo(2);

        away = false;
        stored.put("second", secret("second"));
        clock.advance(SECOND);
        assertThat(isKnown("second")).isTrue();
    }

    @Test
    void a_first_request_that_cannot_wait_for_the_one_who_reads_hears_that_the_database_is_away() throws Exception {
        source.block();
        CompletableFuture<String> reader = CompletableFuture.supplyAsync(this::kid);
        source.awaitReader();

        assertThat(soon(this::isLost)).isTrue();
        source.release();
        assertThat(reader.get(LONG_SECONDS, TimeUnit.SECONDS)).isEqualTo("first");
    }

    private Map<String, Secret> read() throws SQLException {
        source.pass();
        if (away) {
            throw new SQLException("gone", "08006");
        }
        return new LinkedHashMap<>(stored);
    }

    private String kid() {
        try {
            return secrets.newest().kid();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isKnown(String kid) {
        try {
            return secrets.find(kid).isPresent();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isLost() {
        try {
            secrets.newest();
            return false;
        } catch (SQLException e) {
            return Problem.isConnectionLoss(e);
        }
    }

    private static Secret secret(String kid) {
        return new Secret(kid, Secrets.key(Secrets.random(32)));
    }
}
