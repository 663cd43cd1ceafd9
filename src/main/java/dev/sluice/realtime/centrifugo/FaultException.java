package dev.sluice.realtime.centrifugo;

import dev.sluice.channel.ChannelException;
import java.util.Set;

/** A command that is answered with an error. Its message is shown to the client. */
final class FaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /**
     * All else happens to good clients as well, and to each of their channels at once. What is too much is among that: it
     * costs nothing but its answer, and the connection closes who goes on.
     */
    private static final Set<Integer> OFFENCES = Set.of(Fault.BAD_REQUEST.code(), Fault.METHOD_NOT_FOUND.code());

    private final int code;
    private final boolean temporary;

    FaultException(Fault fault) {
        this(fault, fault.message());
    }

    FaultException(Fault fault, String message) {
        this(fault.code(), fault.temporary(), message);
    }

    /** Without a stack trace: it tells of the client, not of the code. */
    private FaultException(int code, boolean temporary, String message) {
        super(message, null, false, false);
        this.code = code;
        this.temporary = temporary;
    }

    static FaultException of(ChannelException error) {
        return new FaultException(Fault.of(error), String.valueOf(error.getMessage()));
    }

    static FaultException of(RpcException error) {
        return new FaultException(error.code(), false, String.valueOf(error.getMessage()));
    }

    int code() {
        return code;
    }

    /** For people. */
    String text() {
        return String.valueOf(getMessage());
    }

    /** Whether the same may succeed later: clients try again by themselves. */
    boolean temporary() {
        return temporary;
    }

    /** Whether only who does not keep to the rules meets it. */
    boolean isOffence() {
        return OFFENCES.contains(code);
    }
}
