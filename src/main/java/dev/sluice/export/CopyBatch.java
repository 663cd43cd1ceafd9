package dev.sluice.export;

import java.util.Arrays;

/**
 * Some messages of a COPY, as the driver's own byte arrays. One thread adds while another one may follow and take; who has
 * both done clears it for the next round.
 */
final class CopyBatch {
    /** What one batch holds before it is full: a message of a megabyte fills it alone. */
    private static final int BYTES = 64 * 1024;
    /** What a message takes beside its bytes: the array's header and the reference to it. */
    private static final int MESSAGE_OVERHEAD = 24;

    private byte[][] messages = new byte[512][];
    private int bytes;
    private int taken;
    /** Makes what was added before visible. */
    private volatile int count;

    /** For the one who adds. */
    boolean isFull() {
        return bytes >= BYTES;
    }

    /** For the one who adds, while the batch is not full. */
    void add(byte[] message) {
        int at = count;
        if (at == messages.length) {
            messages = Arrays.copyOf(messages, 2 * at);
        }
        messages[at] = message;
        bytes += message.length + MESSAGE_OVERHEAD;
        count = at + 1;
    }

    /** For the one who takes. */
    boolean hasNext() {
        return taken < count;
    }

    /** For the one who takes; the batch forgets the message, which may be large. */
    @SuppressWarnings("NullAway") // nobody reads what was taken
    byte[] next() {
        byte[] message = messages[taken];
        messages[taken++] = null;
        return message;
    }

    /** For whoever has it alone. */
    void clear() {
        count = 0;
        taken = 0;
        bytes = 0;
    }
}
