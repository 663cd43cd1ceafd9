package dev.sluice.channel;

import dev.sluice.auth.Caller;

/** Asks somebody else whether a caller may. */
@FunctionalInterface
interface PermissionFunctions {
    /**
     * Blocks until it is known.
     *
     * @param function its name
     */
    boolean ask(String function, Caller caller, String channel) throws Exception;
}
