package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestBodiesTest {
    private static final int LIMIT = 1000;

    private final Map<String, Object> attributes = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private final RequestBodies bodies = new RequestBodies(LIMIT, Duration.ofSeconds(20), () -> now);

    @Test
    void a_body_that_comes_in_pieces_and_in_time_is_read() {
        assertThat(new String(bodies.read(request(new Trickle(19, null))), StandardCharsets.US_ASCII))
                .isEqualTo("x".repeat(19));
    }

    @Test
    void a_body_of_the_size_that_is_allowed_is_read_and_a_larger_one_refused() {
        now = Instant.EPOCH;
        assertThat(bodies.read(request(new Whole(LIMIT)))).hasSize(LIMIT);
        assertThat(refusal(new Whole(LIMIT + 1))).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void a_body_that_comes_too_slowly_as_a_whole_is_not_waited_for() {
        Trickle trickle = new Trickle(Integer.MAX_VALUE, null);
        assertThat(refusal(trickle)).isEqualTo(ErrorCode.REQUEST_TIMEOUT);
        assertThat(trickle.given).isEqualTo(20);
    }

    @Test
    void the_rest_of_a_body_that_came_too_slowly_is_not_read_either() {
        Trickle trickle = new Trickle(Integer.MAX_VALUE, null);
        assertThat(refusal(trickle)).isEqualTo(ErrorCode.REQUEST_TIMEOUT);
        bodies.discard(request(trickle));
        assertThat(trickle.given).isEqualTo(20);
    }

    @Test
    void what_nobody_wanted_is_read_for_as_long_as_a_body_may_take() {
        Trickle trickle = new Trickle(Integer.MAX_VALUE, null);
        bodies.discard(request(trickle));
        assertThat(trickle.given).isEqualTo(20);
    }

    @Test
    void a_client_that_goes_away_is_not_an_error_of_the_server() {
        Trickle trickle = new Trickle(5, new EOFException());
        assertThat(refusal(trickle)).isEqualTo(ErrorCode.BAD_REQUEST);
        assertThat(bodies.isBroken(request(trickle))).isTrue();
    }

    private ErrorCode refusal(ServletInputStream in) {
        ErrorCode[] code = new ErrorCode[1];
        assertThatThrownBy(() -> bodies.read(request(in)))
                .isInstanceOfSatisfying(ProblemException.class, e -> code[0] = e.code());
        return code[0];
    }

    /** A request that has a body and attributes, and nothing else. */
    private HttpServletRequest request(ServletInputStream in) {
        return (HttpServletRequest) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServletRequest.class}, (proxy, method, arguments) -> {
                    return switch (method.getName()) {
                        case "getContentLengthLong" -> -1L;
                        case "getInputStream" -> in;
                        case "getAttribute" -> attributes.get(arguments[0]);
                        case "removeAttribute" -> attributes.remove(arguments[0]);
                        case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }

    /** All at once. */
    private static final class Whole extends Body {
        private int left;

        Whole(int length) {
            left = length;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int read = left == 0 ? -1 : Math.min(left, length);
            left -= Math.max(0, read);
            return read;
        }
    }

    /** A byte a second, then the end or a failure. */
    private final class Trickle extends Body {
        private final int length;
        private final @Nullable IOException failure;
        private int given;

        Trickle(int length, @Nullable IOException failure) {
            this.length = length;
            this.failure = failure;
        }

        @Override
        public int read(byte[] into, int offset, int most) throws IOException {
            if (given < length) {
                now = now.plusSeconds(1);
                into[offset] = 'x';
                given++;
                return 1;
            }
            if (failure != null) {
                throw failure;
            }
            return -1;
        }
    }

    private abstract static class Body extends ServletInputStream {
        @Override
        public abstract int read(byte[] into, int offset, int length) throws IOException;

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isFinished() {
            return false;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException();
        }
    }
}
