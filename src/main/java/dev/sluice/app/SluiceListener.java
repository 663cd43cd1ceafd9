package dev.sluice.app;

import dev.sluice.settings.InvalidSettings;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.File;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.slf4j.LoggerFactory;

/**
 * Starts and stops Sluice with its web application, in the launcher and in a stock Tomcat alike. Declared in web.xml;
 * used by the container's thread.
 */
public final class SluiceListener implements ServletContextListener {
    /** Where the launcher finds what to run before it stops the server. */
    private static final String DRAIN = "dev.sluice.drain";

    /** Set by the launcher, which tells its user itself why a start failed, and may have a database of its own. */
    private static final String LAUNCHED = "dev.sluice.launched";

    private @Nullable Sluice sluice;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        try {
            start(context);
        } catch (StartException e) {
            if (context.getAttribute(LAUNCHED) == null) {
                LoggerFactory.getLogger(SluiceListener.class).error("Sluice is not deployed: {}", e.getMessage());
            }
            throw e;
        }
    }

    private void start(ServletContext context) {
        Settings settings = settings(context);
        Sluice started = new Sluice(settings, temporary(context));
        sluice = started;
        new Routes(context).register(started);
        context.setAttribute(DRAIN, (Runnable) started.operations()::drain);
    }

    /** A stock Tomcat has waited for its unloadDelay by now; what streams still is ended here. */
    @Override
    public void contextDestroyed(ServletContextEvent event) {
        if (sluice != null) {
            sluice.operations().drain();
            sluice.close();
        }
        deregisterDriver();
    }

    /** The driver registers itself with the JVM when it is loaded, and would outlive a redeployed application there. */
    private static void deregisterDriver() {
        try {
            if (Driver.isRegistered()) {
                Driver.deregister();
            }
        } catch (SQLException e) {
            LoggerFactory.getLogger(SluiceListener.class).warn("The JDBC driver stays registered", e);
        }
    }

    /** The container's folder for this web application (Jakarta Servlet 6.1, section 4.8.1). */
    private static Path temporary(ServletContext context) {
        return ((File) context.getAttribute(ServletContext.TEMPDIR)).toPath();
    }

    private static Settings settings(ServletContext context) {
        Map<String, String> parameters = new HashMap<>();
        for (String name : Collections.list(context.getInitParameterNames())) {
            parameters.put(name, String.valueOf(context.getInitParameter(name)));
        }
        try {
            return Settings.read(
                    context.getAttribute(LAUNCHED) == null
                            ? SettingsSources.ofContext(parameters, System.getenv())
                            : SettingsSources.ofLauncher(parameters, System.getenv()));
        } catch (InvalidSettings e) {
            throw new StartException(String.join("; ", e.errors()), e);
        }
    }
}
