package dev.sluice.export;

/**
 * Follows the messages that a server sends, from the first byte of a connection on: each is a type, a length and that
 * much content (PostgreSQL manual, "Message Formats"). So one knows, before the driver reads it, whether rows are on
 * their way and how large the next one is. Not of an encrypted connection. Used by one thread at a time.
 */
final class ServerMessages {
    private static final int LENGTH_BYTES = 4;

    private final long most;
    private boolean started;
    private boolean encrypted;
    private boolean copying;
    /** Bytes of the present message that are still to come. */
    private long content;
    /** Bytes of its length that are still to come. */
    private int header;

    private int length;
    private byte type;

    /** @param most bytes that a message may have */
    ServerMessages(long most) {
        this.most = most;
    }

    /** Whether a COPY is under way: row after row will come, and nobody is asked for more. */
    boolean copying() {
        return copying;
    }

    /**
     * What has come.
     *
     * @throws MessageTooLargeException before the driver makes room for it
     */
    void came(byte[] bytes, int offset, int count) throws MessageTooLargeException {
        int at = offset;
        int end = offset + count;
        while (at < end && !encrypted) {
            if (content > 0) {
                int skipped = (int) Math.min(content, end - at);
                content -= skipped;
                at += skipped;
            } else if (header > 0) {
                length = (length << 8) | (bytes[at++] & 0xff);
                if (--header == 0) {
                    begin();
                }
            } else {
                type(bytes[at++]);
            }
        }
    }

    private void type(byte next) {
        if (!started && next == 'N') {
            return; // the whole answer to the question for encryption
        }
        if (!started && (next == 'S' || next == 'G')) {
            encrypted = true;
            return;
        }
        started = true;
        type = next;
        length = 0;
        header = LENGTH_BYTES;
    }

    private void begin() throws MessageTooLargeException {
        content = (long) length - LENGTH_BYTES;
        if (content > most) {
            throw new MessageTooLargeException(content, most);
        }
        switch (type) {
            case 'H' -> copying = true; // CopyOutResponse
            case 'c', 'E', 'Z' -> copying = false; // CopyDone, ErrorResponse, ReadyForQuery
            default -> {}
        }
    }
}
