package dev.sluice.launch;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.Objects;

/**
 * A web application of a few lines, for tests of the launcher: fails to start, or leaves notes in system properties of
 * what happened to it. Loaded by the container.
 */
public final class SampleListener implements ServletContextListener {
    static final String NOTES = "sluice.test.notes";

    @Override
    public void contextInitialized(ServletContextEvent event) {
        String failure = event.getServletContext().getInitParameter("sluice.auth.issuer");
        if (failure != null) {
            throw new IllegalStateException("outer", new IllegalArgumentException(failure));
        }
        note("started with " + event.getServletContext().getInitParameter("sluice.demo-rows"));
        event.getServletContext().setAttribute("dev.sluice.drain", (Runnable) () -> note("drained"));
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        note("stopped");
    }

    private static void note(String text) {
        String before = Objects.requireNonNullElse(System.getProperty(NOTES), "");
        System.setProperty(NOTES, before + text + ";");
    }
}
