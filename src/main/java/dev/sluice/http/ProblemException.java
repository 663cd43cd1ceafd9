package dev.sluice.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A typed error on its way to the client. Its detail is shown to the caller and therefore holds no secret. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    public ProblemException(ErrorCode code, String detail) {
        this(code, detail, null);
    }

    public ProblemException(ErrorCode code, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.code = code;
    }

    /** Adds a response header, such as {@code Retry-After} or {@code Allow}. */
    public ProblemException header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public ProblemException retryAfter(long seconds) {
        return header("Retry-After", Long.toString(Math.max(1, seconds)));
    }

    public ErrorCode code() {
        return code;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    Map<String, String> headers() {
        return headers;
    }
}
