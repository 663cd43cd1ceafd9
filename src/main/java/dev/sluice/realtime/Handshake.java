package dev.sluice.realtime;

import dev.sluice.auth.Caller;
import java.security.Principal;

/**
 * What the upgrade request said, carried to the socket as its principal. Immutable.
 *
 * @param caller who asked; nobody where the token was missing or refused
 * @param address where from, as it is counted
 * @param refused whether there was a token that is not valid
 */
record Handshake(Caller caller, String address, boolean refused) implements Principal {
    @Override
    public String getName() {
        return caller.subject();
    }
}
