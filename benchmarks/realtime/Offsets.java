import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A listener that makes sure that offsets come one by one. */
final class Offsets implements AutoCloseable {
    private static final Pattern OFFSET = Pattern.compile("\"offset\":(\\d+)");

    private final Speaker socket;
    private final long first;

    Offsets(Server server, String channel) {
        this.socket = new Speaker(server);
        socket.send(Frames.text(server.speech().subscribe(channel, "")));
        first = offset(socket.answer());
    }

    /** Returns when so many publications have come. */
    void await(int publications) {
        for (long next = first + 1; next <= first + publications; next++) {
            String text = socket.answer();
            if (offset(text) != next) {
                throw new IllegalStateException("offset " + next + " is missing: " + text);
            }
        }
    }

    private static long offset(String text) {
        Matcher offset = OFFSET.matcher(text);
        if (!offset.find()) {
            throw new IllegalStateException("no offset: " + text);
        }
        return Long.parseLong(offset.group(1));
    }

    @Override
    public void close() {
        socket.close();
    }
}
