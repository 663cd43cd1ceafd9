package dev.sluice.channel;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reading history and presence. Throws {@link ChannelException}, or fails with it. Thread-safe. */
final class Reading {
    private final Hub hub;
    private final Namespaces namespaces;
    private final Permissions permissions;

    Reading(Hub hub, Namespaces namespaces, Permissions permissions) {
        this.hub = hub;
        this.namespaces = namespaces;
        this.permissions = permissions;
    }

    CompletionStage<History> history(Subscriber subscriber, HistoryRequest request, boolean listened) {
        return readable(subscriber, request.channel(), listened).thenCompose(place -> history(place, request));
    }

    CompletionStage<History> history(HistoryRequest request) {
        return history(namespaces.require(request.channel()), request);
    }

    private static CompletionStage<History> history(Namespaces.Place place, HistoryRequest request) {
        if (!place.namespace().keeps()) {
            throw new ChannelException(Reason.NOT_AVAILABLE, "Nothing is kept of " + place.channel() + ".");
        }
        if (request.limit() < 0) {
            throw new ChannelException(Reason.BAD_REQUEST, "The limit is a number from 0 on.");
        }
        long after = request.since().map(Position::offset).orElse(-1L);
        int limit = Math.min(request.limit(), Channels.PAGE_MOST);
        return place.namespace()
                .relay()
                .broker()
                .history(place.channel(), new History.Query(after, limit, request.reverse()))
                .thenApply(history -> page(request, history));
    }

    private static History page(HistoryRequest request, History history) {
        String epoch = request.since().map(Position::epoch).orElse("");
        if (!epoch.isEmpty() && !epoch.equals(history.top().epoch())) {
            throw new ChannelException(Reason.UNRECOVERABLE_POSITION, "The stream of that position is gone.");
        }
        long characters = 0;
        int count = 0;
        for (Publication publication : history.publications()) {
            characters += publication.data().length();
            if (count > 0 && characters > Recovery.MOST_CHARACTERS) {
                return new History(history.top(), history.publications().subList(0, count));
            }
            count++;
        }
        return history;
    }

    CompletionStage<Presence> presence(Subscriber subscriber, String channel, int limit, boolean listened) {
        return readable(subscriber, channel, listened).thenApply(place -> presence(place, limit));
    }

    Presence presence(String channel, int limit) {
        return presence(namespaces.require(channel), limit);
    }

    private Presence presence(Namespaces.Place place, int limit) {
        if (!place.namespace().settings().presence()) {
            throw new ChannelException(Reason.NOT_AVAILABLE, "It is not known who is in " + place.channel() + ".");
        }
        return hub.find(place.channel(), topic -> topic.attendance().presence(Math.max(0, limit)))
                .orElse(Presence.NOBODY);
    }

    private CompletableFuture<Namespaces.Place> readable(Subscriber subscriber, String channel, boolean listened) {
        Namespaces.Place place = namespaces.require(channel);
        Link link = hub.require(subscriber);
        return listened || hub.findLive(link, channel).isPresent()
                ? CompletableFuture.completedFuture(place)
                : permissions
                        .subscribing(place, subscriber.caller(), false, false)
                        .thenApply(ok -> place);
    }
}
