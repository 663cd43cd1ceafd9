package dev.sluice.channel;

import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What nodes tell each other for all of their connections, beside channels: publications of the broker that all nodes
 * share, in its order, under names that no channel can have. Thread-safe.
 */
final class Broadcasts {
    /** No client and no SQL can publish under a name that begins so. */
    private static final String MARK = "$";

    private static final Logger LOG = LoggerFactory.getLogger(Broadcasts.class);

    private final Relay relay;
    private final Map<String, Consumer<String>> ears = new ConcurrentHashMap<>();

    /** @param relay the way to all nodes */
    Broadcasts(Relay relay) {
        this.relay = relay;
    }

    /** What the others tell of this kind goes there, on a thread of the broker's; must not block. */
    void listen(String kind, Consumer<String> ear) {
        ears.put(MARK + kind, ear);
    }

    /** Tells the others, whether they are known or not. Fails with {@link ChannelException}. */
    CompletionStage<Position> tell(String kind, String json) {
        return relay.broker().publish(new Draft(MARK + kind, "", PublicationData.check(json), relay.signature(), ""));
    }

    /** Whether no other node has been heard of lately. */
    boolean isAlone() {
        return relay.isAlone();
    }

    /** Takes what is no channel's; answers whether it was that. */
    boolean hear(Publication publication) {
        if (!publication.channel().startsWith(MARK)) {
            return false;
        }
        Consumer<String> ear = ears.get(publication.channel());
        if (ear != null && !publication.info().equals(relay.signature())) {
            tell(ear, publication);
        }
        return true;
    }

    /** What fails here is missing in no channel. */
    private static void tell(Consumer<String> ear, Publication publication) {
        try {
            ear.accept(publication.data());
        } catch (RuntimeException | Error e) {
            LOG.error("What other nodes tell ({}) could not be heard", publication.channel(), e);
        }
    }
}
