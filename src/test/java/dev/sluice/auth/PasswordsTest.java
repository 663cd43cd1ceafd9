package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PasswordsTest {
    private final Passwords passwords = new Passwords(4);

    @Test
    void a_hash_knows_its_password_alone() {
        String hash = passwords.hash("correct horse");
        assertThat(hash).startsWith("$2b$04$").hasSize(60);
        assertThat(passwords.matches("correct horse", hash)).isTrue();
        assertThat(passwords.matches("correct horsf", hash)).isFalse();
        assertThat(passwords.hash("correct horse")).isNotEqualTo(hash);
    }

    @Test
    void nobody_has_no_password() {
        assertThat(passwords.matches("", null)).isFalse();
        assertThat(passwords.matches("x".repeat(31), null)).isFalse();
    }

    @Test
    void a_flood_is_told_to_come_again() {
        Passwords slow = new Passwords(12);
        int count = 2 * Runtime.getRuntime().availableProcessors() + 100;
        ExecutorService flood = Executors.newFixedThreadPool(count);
        try {
            List<CompletableFuture<Object>> all = Stream.generate(
                            () -> CompletableFuture.supplyAsync(() -> hash(slow), flood))
                    .limit(count)
                    .toList();
            List<Object> results = all.stream().map(CompletableFuture::join).toList();
            assertThat(results).contains(ErrorCode.BUSY).hasAtLeastOneElementOfType(String.class);
        } finally {
            flood.shutdownNow();
        }
    }

    private static Object hash(Passwords passwords) {
        try {
            return passwords.hash("password");
        } catch (ProblemException e) {
            return e.code();
        }
    }
}
