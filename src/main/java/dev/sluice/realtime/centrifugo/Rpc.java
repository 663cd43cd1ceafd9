package dev.sluice.realtime.centrifugo;

import dev.sluice.auth.Caller;

/** A method that clients may call. Thread-safe. */
@FunctionalInterface
public interface Rpc {
    /**
     * Answers a call. May block a little: the caller's next commands wait.
     *
     * @param data JSON, empty without any
     * @return JSON on one line
     * @throws RpcException when it is refused; what else is thrown closes the connection
     */
    String call(Caller caller, String data);
}
