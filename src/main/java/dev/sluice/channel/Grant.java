package dev.sluice.channel;

import java.time.Instant;
import java.util.Optional;

/**
 * What a subscription token says. Immutable.
 *
 * @param opens whether there is one
 * @param info JSON for others to see; empty without any
 * @param expires when the subscription ends
 */
record Grant(boolean opens, String info, Optional<Instant> expires) {
    static final Grant NONE = new Grant(false, "", Optional.empty());
}
