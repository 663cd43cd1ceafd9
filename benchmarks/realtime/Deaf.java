import java.util.Collections;
import java.util.List;

/**
 * Clients that read nothing. On one machine the kernel takes megabytes for such a client before writes to it wait, so a
 * channel of their own fills that first, nearly; the rest comes while it is measured.
 */
final class Deaf {
    private static final String FILLING = "bench:filling";
    private static final int PIECE = 8 * 1024;
    /** What is left for the measured time, and how often a piece comes then. */
    private static final int LEFT = 16 * PIECE;

    private static final long FEED_MILLIS = 50;

    private final Server server;
    private final String channel;

    Deaf(Server server, String channel) {
        this.server = server;
        this.channel = channel;
    }

    /** How many bytes one of them swallows before something waits at the server. */
    int calibrate() {
        try (Crowd crowd = new Crowd();
                Speaker speaker = new Speaker(server)) {
            crowd.tolerate();
            crowd.join(server, List.of(new Crowd.Wish(channel, "", FILLING, true)), 1);
            byte[] piece = speaker.publication(FILLING, 1, PIECE);
            int pieces = 0;
            while (!waits()) {
                speaker.publish(piece);
                if (++pieces > 4096) {
                    throw new IllegalStateException("32 MB did not stall a client that reads nothing");
                }
            }
            return pieces * PIECE;
        }
    }

    /** Whether something waits at the server, and goes on waiting. */
    private boolean waits() {
        long until = System.nanoTime() + 100_000_000;
        while (server.metric("sluice_budget_used\\{[^}]*connections.queuedBytes[^}]*}") > 0) {
            if (System.nanoTime() > until) {
                return true;
            }
        }
        return false;
    }

    /** So many clients that are fed alike, and read or do not. */
    Crew crew(int size, boolean deaf, int swallowed) {
        return new Crew(size, deaf, swallowed);
    }

    /** Connections that are nearly full when they begin, and are fed on until they end. */
    final class Crew implements AutoCloseable {
        private final Crowd crowd = new Crowd();
        private final double goneBefore = gone();
        private final Thread feeder = new Thread(this::feed, "feeder");
        private volatile boolean over;

        private Crew(int size, boolean deaf, int swallowed) {
            crowd.tolerate();
            crowd.join(server, Collections.nCopies(size, new Crowd.Wish(channel, "", FILLING, deaf)), size);
            try (Speaker speaker = new Speaker(server)) {
                byte[] piece = speaker.publication(FILLING, 1, PIECE);
                for (int sent = 0; sent < swallowed - LEFT; sent += PIECE) {
                    speaker.publish(piece);
                }
            }
            feeder.start();
        }

        /** How many of them the server has given up. */
        double letGo() {
            return gone() - goneBefore;
        }

        private double gone() {
            return server.metric("sluice_outboxes_ended_total\\{[^}]*(stalled|overflown|failed)[^}]*}");
        }

        private void feed() {
            try (Speaker speaker = new Speaker(server)) {
                byte[] piece = speaker.publication(FILLING, 1, PIECE);
                while (!over) {
                    speaker.publish(piece);
                    Thread.sleep(FEED_MILLIS);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            over = true;
            try {
                feeder.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            crowd.close();
        }
    }
}
