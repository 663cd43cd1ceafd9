package dev.sluice.realtime;

/**
 * One connection's side of a protocol. Made by its {@link Dialect} when a socket opens. Its calls never overlap, {@link
 * #closed} is the last and comes exactly once; they come on threads of the container (opened, text) and on others, and
 * those other than {@link #text} must not block.
 */
public interface Protocol {
    /** The socket is open. A caller whom the handshake named is signed in already. */
    void opened();

    /** A whole message came. */
    void text(String message);

    /** A message came that was one too many; what it wants is not to be done. To be answered with a typed error. */
    void refused(String message);

    /** The time of {@link Connection#remindAt} has come. */
    default void reminded() {}

    /** The connection has ended; what it belonged to is to be left. Nothing can be sent any more. */
    void closed(Ending ending);
}
