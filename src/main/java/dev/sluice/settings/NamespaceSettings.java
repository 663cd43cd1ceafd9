package dev.sluice.settings;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What holds for the channels of one namespace, as a settings file declares it.
 *
 * <pre>
 * sluice.namespace.orders.subscribe=role:sales, token
 * sluice.namespace.orders.subscribe-function=shop.may_watch
 * sluice.namespace.orders.history-size=500
 * sluice.namespace.orders.history-age=7d
 * </pre>
 *
 * @param name what stands before the first colon of a channel's name
 * @param subscribe who may listen: {@link #PUBLIC}, {@link #SIGNED_IN}, {@code role:…}, {@link #TOKEN}, {@link #OWNER};
 *     empty = nobody, unless the function says so
 * @param publish who may publish: the same but for the token, and {@link #SUBSCRIBER}
 * @param subscribeFunction an SQL function that is asked where none of these opens: {@code (subject text, claims jsonb,
 *     channel text) → boolean}
 * @param publishFunction the same for publishing
 * @param historySize publications kept of a channel; 0 = none
 * @param historyAge how long they are kept
 * @param presence whether it is known who is in a channel
 * @param joinLeave whether members are told who comes and goes
 * @param typingTtl how long somebody is thought to type; zero = typing is not told
 * @param members members of a channel at most, counted by user where presence is known
 * @param channels channels at most, on each node
 * @param broker where publications get their order
 */
public record NamespaceSettings(
        String name,
        List<String> subscribe,
        List<String> publish,
        Optional<String> subscribeFunction,
        Optional<String> publishFunction,
        int historySize,
        Duration historyAge,
        boolean presence,
        boolean joinLeave,
        Duration typingTtl,
        int members,
        int channels,
        Storage broker) {
    /** Anybody, also without a token. */
    public static final String PUBLIC = "public";
    /** Who has a valid token. */
    public static final String SIGNED_IN = "signed-in";
    /** What stands before the name of a role. */
    public static final String ROLE = "role:";
    /** Who has a subscription token for the channel. */
    public static final String TOKEN = "token";
    /** The caller whose subject is the rest of the channel's name. */
    public static final String OWNER = "owner";
    /** Connections that are subscribed to the channel. */
    public static final String SUBSCRIBER = "subscriber";

    /** Where publications get their order. */
    public enum Storage {
        /** PostgreSQL with history, local without. */
        AUTO,
        /** In the memory of one node. */
        LOCAL,
        /** In the state database, for all nodes. */
        POSTGRES
    }

    /** Whether publications go through the state database. */
    public boolean durable() {
        return broker == Storage.POSTGRES || (broker == Storage.AUTO && historySize > 0);
    }
}
