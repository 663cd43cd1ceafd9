package dev.sluice.realtime;

import dev.sluice.auth.Caller;
import dev.sluice.http.Problem;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets connections go whose callers were signed out meanwhile, or disabled: asks for all of them at once, every few
 * seconds. While the database does not answer, they stay. Has a thread of its own; closed once.
 */
final class CallerWatch implements AutoCloseable {
    static final long SECONDS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(CallerWatch.class);

    private final SessionRegistry registry;
    private final Identities identities;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "sluice-callers");
        made.setDaemon(true);
        return made;
    });

    CallerWatch(SessionRegistry registry, Identities identities) {
        this.registry = registry;
        this.identities = identities;
    }

    void start() {
        var unused = thread.scheduleWithFixedDelay(this::look, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    /** Asks once, now. */
    void look() {
        try {
            List<Caller> callers = registry.open().stream()
                    .map(Connection::caller)
                    .filter(Caller::signedIn)
                    .toList();
            if (!callers.isEmpty()) {
                Set<Caller> revoked = Collections.newSetFromMap(new IdentityHashMap<>());
                revoked.addAll(identities.revoked(callers));
                close(revoked);
            }
        } catch (SQLException | RuntimeException e) {
            Problem.log(LOG, "Whether callers are still welcome could not be asked", e);
        }
    }

    private void close(Set<Caller> revoked) {
        for (Connection connection : registry.open()) {
            if (revoked.contains(connection.caller())) {
                connection.close(Ending.REVOKED);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
