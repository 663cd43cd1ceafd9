package dev.sluice.auth;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hashes and checks passwords with bcrypt ({@code $2b$}). Thread-safe.
 *
 * <p>A hash is meant to be slow, so a flood of sign-ins could starve everything else: one runs for each core, a few
 * wait a little, the rest is told to come again.
 */
final class Passwords {
    private static final Duration WAIT = Duration.ofSeconds(2);
    private static final int MOST_WAITING = 50;

    private final int cost;
    private final String nobodys;
    private final Semaphore cores = new Semaphore(Runtime.getRuntime().availableProcessors(), true);

    Passwords(int cost) {
        this.cost = cost;
        // A fixed salt and hash that no password gives; only the time that checking takes matters.
        this.nobodys = "$2b$" + (cost < 10 ? "0" : "") + cost + "$" + "abcdefghijklmnopqrstuu" + "x".repeat(31);
    }

    String hash(String password) {
        return onACore(
                () -> BcryptFunction.getInstance(Bcrypt.B, cost).hash(password).getResult());
    }

    /** Whether a password fits a hash; takes as long when there is no hash. */
    boolean matches(String password, @Nullable String hash) {
        String other = hash == null ? nobodys : hash;
        boolean same = onACore(() -> BcryptFunction.getInstanceFromHash(other).check(password, other));
        return same && hash != null;
    }

    private <T> T onACore(Supplier<T> work) {
        acquire();
        try {
            return work.get();
        } finally {
            cores.release();
        }
    }

    private void acquire() {
        try {
            if (cores.getQueueLength() < MOST_WAITING && cores.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ProblemException(ErrorCode.BUSY, "Too many sign-ins at once.").retryAfter(WAIT.toSeconds());
    }
}
