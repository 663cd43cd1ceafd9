package dev.sluice.channel;

import java.time.Instant;
import java.util.Optional;

/**
 * What a subscription token says, or the server. Immutable.
 *
 * @param opens whether there is one
 * @param byServer whether it is the server's wish, which needs nobody's leave
 * @param info JSON for others to see; empty without any
 * @param expires when the subscription ends
 */
record Grant(boolean opens, boolean byServer, String info, Optional<Instant> expires) {
    static final Grant NONE = new Grant(false, false, "", Optional.empty());

    /** The server's wish. */
    static Grant ofServer(String info) {
        return new Grant(true, true, info, Optional.empty());
    }
}
