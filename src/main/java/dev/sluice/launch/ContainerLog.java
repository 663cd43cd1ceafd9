package dev.sluice.launch;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/**
 * What the container says, in {@code java.util.logging}. While the web application starts and stops nothing of it is
 * shown, but the first error is kept: the container does not hand it out in another way. In between, warnings go to
 * standard error, unless the application takes them over. Thread-safe.
 */
final class ContainerLog extends Handler {
    /** Held here: the logging system itself holds loggers weakly, and their settings with them. */
    private final Logger root = Logger.getLogger("");

    private final Logger container = Logger.getLogger("org.apache");

    /** Warns, with a stack trace, of each client that takes nothing and is therefore closed. */
    private final Logger sockets = Logger.getLogger("org.apache.tomcat.websocket.WsSession");

    private volatile @Nullable Throwable failure;

    private ContainerLog() {
        setLevel(Level.WARNING);
    }

    /** Takes the place of the JVM's own log on the console. */
    static ContainerLog install() {
        System.getProperties().putIfAbsent("java.util.logging.SimpleFormatter.format", "%1$tF %1$tT %4$s %5$s%6$s%n");
        LogManager.getLogManager().reset();
        ContainerLog log = new ContainerLog();
        log.root.setLevel(Level.WARNING);
        log.sockets.setLevel(Level.SEVERE);
        log.root.addHandler(new StandardError());
        log.hush();
        return log;
    }

    /** From now on shows nothing and keeps the first error. */
    void hush() {
        failure = null;
        container.setUseParentHandlers(false);
        container.addHandler(this);
    }

    /** From now on shows warnings and errors. */
    void speak() {
        container.removeHandler(this);
        container.setUseParentHandlers(true);
    }

    /** The first error since it was told to hush. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    @Override
    public void publish(LogRecord record) {
        if (failure == null && record.getThrown() != null && record.getLevel().intValue() >= Level.WARNING.intValue()) {
            failure = record.getThrown();
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    /** The application breaks a connection by throwing this, and has told why by itself. */
    private static boolean isCut(@Nullable Throwable thrown) {
        return thrown != null && thrown.getClass().getName().equals("dev.sluice.flow.CutServlet$StreamCut");
    }

    /** Writes to the standard error of the moment, one line for each record. */
    private static final class StandardError extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue() && !isCut(record.getThrown())) {
                System.err.print(formatter.format(record));
            }
        }

        @Override
        public void flush() {
            System.err.flush();
        }

        @Override
        public void close() {}
    }
}
