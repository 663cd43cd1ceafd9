package dev.sluice.realtime;

import dev.sluice.auth.Caller;
import dev.sluice.settings.RealtimeSettings;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of this node and their limits: in all, of each user, of each address. What does not fit is not
 * registered. Thread-safe.
 */
final class SessionRegistry {
    private final int most;
    private final Tally users;
    private final Tally addresses;
    private final ConcurrentMap<String, Connection> open = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean closed;

    SessionRegistry(RealtimeSettings settings) {
        this.most = settings.maxConnections();
        this.users = new Tally(settings.perUser());
        this.addresses = new Tally(settings.perAddress());
    }

    /** Why somebody was not let in. */
    enum Admission {
        ADMITTED,
        FULL,
        USER_FULL,
        CLOSED
    }

    /** Takes a place for somebody, if there is one; it is to be {@link #register used} or {@link #release given back}. */
    Admission admit(Handshake handshake) {
        if (closed) {
            return Admission.CLOSED;
        }
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return Admission.FULL;
        }
        if (!addresses.take(handshake.address())) {
            count.decrementAndGet();
            return Admission.FULL;
        }
        if (!takeUser(handshake.caller().subject())) {
            count.decrementAndGet();
            addresses.give(handshake.address());
            return Admission.USER_FULL;
        }
        return Admission.ADMITTED;
    }

    /** Gives the place of an admitted connection that did not come to be back. */
    void release(Handshake handshake) {
        giveBack(handshake.address(), handshake.caller().subject());
    }

    /** Puts an admitted connection on the books. */
    void register(Connection connection) {
        open.put(connection.id(), connection);
    }

    /** Gives a registered connection another caller; answers whether this user may have one more. */
    boolean signIn(Connection connection, Caller caller) {
        synchronized (connection) {
            String before = connection.caller().subject();
            String now = caller.subject();
            if (!before.equals(now)) {
                if (!open.containsKey(connection.id()) || !takeUser(now)) {
                    return false;
                }
                giveUser(before);
            }
            connection.caller(caller);
            return true;
        }
    }

    /** Takes a connection off the books; a second time does nothing. */
    void remove(Connection connection) {
        synchronized (connection) {
            if (open.remove(connection.id(), connection)) {
                giveBack(connection.address(), connection.caller().subject());
            }
        }
    }

    /** Lets nobody in any more. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    int count() {
        return count.get();
    }

    /** Keys that are counted, for tests of what is left behind. */
    int keys() {
        return users.keys() + addresses.keys();
    }

    Collection<Connection> open() {
        return open.values();
    }

    private void giveBack(String address, String user) {
        count.decrementAndGet();
        addresses.give(address);
        giveUser(user);
    }

    private boolean takeUser(String user) {
        return user.isEmpty() || users.take(user);
    }

    private void giveUser(String user) {
        if (!user.isEmpty()) {
            users.give(user);
        }
    }
}
