package dev.sluice.channel;

import dev.sluice.broker.BrokerException;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.http.Problem;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what goes wrong elsewhere into what channels say of it. Stateless. */
final class Outcome {
    private static final Logger LOG = LoggerFactory.getLogger(Outcome.class);

    private Outcome() {}

    /** The same, failing with a {@link ChannelException} and with nothing else. */
    static <T> CompletionStage<T> of(CompletionStage<T> stage) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        stage.whenComplete((value, error) -> {
            if (error == null) {
                outcome.complete(value);
            } else {
                outcome.completeExceptionally(of(error));
            }
        });
        return outcome;
    }

    static ChannelException of(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof ChannelException known) {
            return known;
        }
        if (cause instanceof BrokerException broker) {
            return of(broker);
        }
        LOG.error("Something went wrong in a channel", cause);
        return new ChannelException(Reason.UNAVAILABLE, "Something went wrong on the server.", cause);
    }

    /** Of a reading. */
    static ChannelException unavailable(Throwable error) {
        Problem.log(LOG, "The history of a channel could not be read", error);
        return new ChannelException(Reason.UNAVAILABLE, "The history cannot be read now; try again.", error);
    }

    private static ChannelException of(BrokerException error) {
        return switch (error.reason()) {
            case OVERLOADED ->
                new ChannelException(
                        Reason.TOO_MANY_REQUESTS, "Too much waits to be published already; try again later.", error);
            case FULL ->
                new ChannelException(
                        Reason.TOO_MANY_CHANNELS, "There are as many channels with history as there may be.", error);
            case UNAVAILABLE ->
                new ChannelException(Reason.UNAVAILABLE, "Nothing can be published or read now; try again.", error);
            case UNKNOWN ->
                new ChannelException(
                        Reason.UNAVAILABLE,
                        "It is not known whether that was published; the same idempotency key makes it safe to try again.",
                        error);
        };
    }
}
