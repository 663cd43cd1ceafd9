package dev.sluice.export;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A connection to PostgreSQL that is read in large pieces.
 *
 * <p>A backend sends 8 KiB at a time. Whoever waits in a read is woken for each of them, and waking costs the backend more
 * than sending does. So while a COPY is under way and little is there to read, the reader sleeps for a moment and then
 * takes what has gathered in the socket: the backend of a million rows needs an eighth less time, the reader half.
 *
 * <p>The stream is read by one thread at a time, as the driver does.
 */
final class ExportSocket extends Socket {
    private static final int PIECE = 64 * 1024;
    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(150);

    private final long largestMessage;
    private @Nullable InputStream input;

    /** @param largestMessage bytes; a larger one is not read and ends the connection */
    ExportSocket(long largestMessage) {
        this.largestMessage = largestMessage;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        InputStream known = input;
        if (known == null) {
            known = new Pieces(super.getInputStream(), new ServerMessages(largestMessage));
            input = known;
        }
        return known;
    }

    private static final class Pieces extends InputStream {
        private final InputStream socket;
        private final ServerMessages messages;
        private final byte[] piece = new byte[PIECE];
        private int position;
        private int end;
        /** How much of a COPY has been read. The first rows are not kept waiting. */
        private long copied;

        Pieces(InputStream socket, ServerMessages messages) {
            this.socket = socket;
            this.messages = messages;
        }

        @Override
        public int read() throws IOException {
            return position < end || fill() ? piece[position++] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (position == end && !fill()) {
                return -1;
            }
            int count = Math.min(length, end - position);
            System.arraycopy(piece, position, to, offset, count);
            position += count;
            return count;
        }

        @Override
        public int available() throws IOException {
            return end - position + socket.available();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        private boolean fill() throws IOException {
            if (!messages.copying()) {
                copied = 0;
            } else if (copied >= PIECE && socket.available() < PIECE / 2) {
                LockSupport.parkNanos(NAP_NANOS);
            }
            int count = socket.read(piece, 0, PIECE);
            position = 0;
            end = Math.max(0, count);
            copied += end;
            messages.came(piece, 0, end);
            return count > 0;
        }
    }
}
