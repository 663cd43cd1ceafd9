package dev.sluice.realtime.chat;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Channels;
import dev.sluice.channel.HistoryRequest;
import dev.sluice.channel.PublishRequest;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Takes back what was said in a room. What is kept of it becomes a tombstone in its place, so that offsets have no gap;
 * then all who are in the room are told. For threads that may block. Thread-safe.
 */
final class Moderation {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** As names of channels are. */
    private static final Pattern ROOM = Pattern.compile("[\\p{L}\\p{Nd}_.:@-]{1,50}");

    private final Channels channels;

    Moderation(Channels channels) {
        this.channels = channels;
    }

    /** @throws ProblemException 404 when no room can be called so */
    static String room(String name) {
        if (!ROOM.matcher(name).matches()) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "There is nothing here.");
        }
        return name;
    }

    /**
     * Deletes a message. Doing so again does no harm: what failed half way comes to its end.
     *
     * @return whether it is still kept
     */
    boolean delete(String room, long offset) {
        String channel = Events.channel(room);
        Optional<Publication> found = find(channel, offset);
        if (found.isEmpty() || !Events.isText(found.get())) {
            return false;
        }
        boolean isKept = Events.isDeleted(found.get()) || await(channels.replace(channel, offset, Events.TOMBSTONE));
        if (isKept) {
            tell(channel, found.get().position());
        }
        return isKept;
    }

    /** Not before it is gone, or who comes in between would have it for good; and not twice. */
    private void tell(String channel, Position deleted) {
        String data = "{\"offset\":" + deleted.offset() + "}";
        String key = "deleted-" + deleted.epoch() + "-" + deleted.offset();
        await(channels.publisher().publish(new PublishRequest(channel, Events.DELETED, data, key)));
    }

    private Optional<Publication> find(String channel, long offset) {
        if (offset < 1) {
            return Optional.empty();
        }
        HistoryRequest request = new HistoryRequest(channel, 1, Optional.of(new Position("", offset - 1)), false);
        History history = await(channels.history(request));
        return history.publications().stream()
                .filter(one -> one.position().offset() == offset)
                .findFirst();
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(e);
        } catch (ExecutionException e) {
            throw problem(e);
        } catch (TimeoutException e) {
            throw unavailable(e);
        }
    }

    private static ProblemException problem(ExecutionException error) {
        if (!(error.getCause() instanceof ChannelException refused)) {
            throw new IllegalStateException("channels fail in one way only", error);
        }
        return switch (refused.reason()) {
            case UNKNOWN_CHANNEL, NOT_AVAILABLE ->
                new ProblemException(ErrorCode.NOT_FOUND, "Nothing is kept of rooms.", refused);
            default -> unavailable(refused);
        };
    }

    private static ProblemException unavailable(Exception error) {
        return new ProblemException(ErrorCode.BUSY, "The room cannot be reached now; try again.", error).retryAfter(1);
    }
}
