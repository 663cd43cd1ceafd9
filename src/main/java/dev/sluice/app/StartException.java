package dev.sluice.app;

import org.jspecify.annotations.Nullable;

/** The application cannot start; its message is one line for the operator. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
