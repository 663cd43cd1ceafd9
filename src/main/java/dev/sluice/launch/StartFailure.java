package dev.sluice.launch;

/** Sluice cannot start, for a reason that its user can act on; the message is the whole line that is shown. */
final class StartFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartFailure(String message) {
        super(message);
    }

    StartFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * What made the web application fail, in its own words: what Sluice itself throws is a line for its user, what others
     * throw says most at its root.
     */
    static StartFailure of(Throwable failure) {
        Throwable telling = failure.getClass().getName().startsWith("dev.sluice.") ? failure : rootCause(failure);
        String message = telling.getMessage();
        return new StartFailure(
                message == null || message.isBlank() ? "The web application fails: " + telling : message, failure);
    }

    static Throwable rootCause(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
