package dev.sluice.http;

/** The catalogue of errors: each has a code for programs, an HTTP status and a title for people. */
public enum ErrorCode {
    BAD_REQUEST(400, "The request is malformed"),
    INVALID_VALUE(400, "A value is not acceptable"),
    UNKNOWN_COLUMN(400, "There is no such column"),
    UNKNOWN_OPERATOR(400, "There is no such operator"),
    UNAUTHORIZED(401, "A valid token is needed"),
    TOKEN_EXPIRED(401, "The token has expired"),
    WRONG_CREDENTIALS(401, "E-mail or password is wrong"),
    FORBIDDEN(403, "Not allowed"),
    ACCOUNT_DISABLED(403, "The account is disabled"),
    REGISTRATION_CLOSED(403, "Registration is closed"),
    NOT_FOUND(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
    NOT_ACCEPTABLE(406, "None of the accepted formats is available"),
    REQUEST_TIMEOUT(408, "The request took too long to come"),
    CONFLICT(409, "It exists already"),
    LAST_ADMIN(409, "The last admin stays admin"),
    LIMIT_REACHED(409, "There are as many as there may be"),
    TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The content type is not supported"),
    UPGRADE_REQUIRED(426, "Another protocol is needed"),
    TOO_MANY_REQUESTS(429, "Too many requests"),
    TOO_MANY_EXPORTS(429, "Too many exports of one caller"),
    INTERNAL(500, "Something went wrong on the server"),
    QUERY_FAILED(500, "The query failed"),
    MISCONFIGURED(500, "The server's settings do not fit its database"),
    ROW_TOO_LARGE(500, "A row is too large to be exported"),
    BUSY(503, "The server is busy"),
    DRAINING(503, "The server is shutting down"),
    DATABASE_UNAVAILABLE(503, "The database cannot be reached"),
    QUERY_TIMEOUT(504, "The database took too long");

    private final int status;
    private final String title;

    ErrorCode(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** The code as it stands in a problem document: {@code unknown_column}. */
    public String code() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
