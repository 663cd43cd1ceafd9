package dev.sluice.realtime.centrifugo;

/** A call that a method of the application refuses, with a code that its clients understand. */
public final class RpcException extends RuntimeException {
    /** The codes that belong to applications. */
    public static final int CODE_LEAST = 400;

    public static final int CODE_MOST = 1999;

    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * Without a stack trace: it tells of the client, not of the code.
     *
     * @param code from 400 to 1999
     * @param message shown to the client
     */
    public RpcException(int code, String message) {
        super(message, null, false, false);
        if (code < CODE_LEAST || code > CODE_MOST) {
            throw new IllegalArgumentException("no code of an application: " + code);
        }
        this.code = code;
    }

    int code() {
        return code;
    }
}
