package dev.sluice.realtime.centrifugo;

import dev.sluice.channel.ChannelException;
import java.util.Set;

/** A command that is answered with an error: in the protocol's own words, and with what more there is to say. */
final class FaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /**
     * All else happens to good clients as well, and to each of their channels at once. What is too much is among that: it
     * costs nothing but its answer, and the connection closes who goes on.
     */
    private static final Set<Integer> OFFENCES = Set.of(Fault.BAD_REQUEST.code(), Fault.METHOD_NOT_FOUND.code());

    private final int code;
    private final boolean temporary;
    private final String detail;

    FaultException(Fault fault) {
        this(fault, "");
    }

    /** @param detail for people: what the words of the protocol do not tell */
    FaultException(Fault fault, String detail) {
        this(fault.code(), fault.temporary(), fault.message(), detail);
    }

    /** Without a stack trace: it tells of the client, not of the code. */
    private FaultException(int code, boolean temporary, String message, String detail) {
        super(message, null, false, false);
        this.code = code;
        this.temporary = temporary;
        this.detail = detail;
    }

    static FaultException of(ChannelException error) {
        return new FaultException(Fault.of(error), String.valueOf(error.getMessage()));
    }

    static FaultException of(RpcException error) {
        return new FaultException(error.code(), false, String.valueOf(error.getMessage()), "");
    }

    int code() {
        return code;
    }

    /** Clients may compare it. */
    String text() {
        return String.valueOf(getMessage());
    }

    /** For people; empty where there is no more to say. */
    String detail() {
        return detail;
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
