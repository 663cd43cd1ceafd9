package dev.sluice.export;

import java.io.IOException;

/** A message of the server's that would take too much of the heap. */
final class MessageTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    MessageTooLargeException(long bytes, long most) {
        super("A message of " + bytes + " bytes, where at most " + most + " are taken");
    }
}
