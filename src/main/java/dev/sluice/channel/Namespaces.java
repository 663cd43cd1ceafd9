package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All namespaces; what is in none of them is closed. Immutable. */
final class Namespaces {
    private final Map<String, Namespace> byName;

    Namespaces(Collection<Namespace> namespaces) {
        this.byName = namespaces.stream()
                .collect(Collectors.toUnmodifiableMap(one -> one.settings().name(), Function.identity()));
    }

    Collection<Namespace> all() {
        return byName.values();
    }

    /** A channel whose name is as it should be, and its namespace. */
    record Place(ChannelName name, Namespace namespace) {
        String channel() {
            return name.whole();
        }
    }

    /** @throws ChannelException when nothing could be called so, or no namespace opens it */
    Place require(String channel) {
        ChannelName name = ChannelName.of(channel);
        Namespace namespace = byName.get(name.namespace());
        if (namespace == null) {
            name.requireRest(false);
            throw new ChannelException(Reason.UNKNOWN_CHANNEL, "There is no namespace " + name.namespace() + ".");
        }
        name.requireRest(namespace.hasOwners());
        return new Place(name, namespace);
    }

    /** The same for what other nodes say. */
    Optional<Place> find(String channel) {
        try {
            return Optional.of(require(channel));
        } catch (ChannelException e) {
            return Optional.empty();
        }
    }
}
