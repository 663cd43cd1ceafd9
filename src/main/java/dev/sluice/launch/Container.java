package dev.sluice.launch;

import dev.sluice.settings.ServerSettings;
import dev.sluice.settings.Settings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.session.StandardManager;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;

/**
 * The embedded Tomcat with the web application, in the steps that a start needs: bound to its port first, then the
 * application. Used by one thread at a time.
 */
final class Container {
    private static final String DRAIN = "dev.sluice.drain";
    private static final String LAUNCHED = "dev.sluice.launched";
    private static final Duration UPLOAD_TIMEOUT = Duration.ofSeconds(10);
    /** Beside the sockets: requests, and sockets that are being refused. */
    private static final int OTHER_CONNECTIONS = 1000;

    private final ServerSettings settings;
    private final Duration stallTimeout;
    private final int sockets;
    private final ContainerLog log;
    private final Tomcat tomcat = new Tomcat();
    private final Connector connector;
    private final StandardContext context;

    /**
     * @param root the unpacked web application
     * @param work a folder for what Tomcat keeps while it runs
     */
    Container(Settings settings, ContainerLog log, Path root, Path work) {
        this.settings = settings.server();
        this.stallTimeout = settings.export().stallTimeout();
        this.sockets = settings.realtime().maxConnections();
        this.log = log;
        // Several in one JVM, each with its own classes, cannot all define the JVM's one factory; and it has no use
        // here.
        TomcatURLStreamHandlerFactory.disable();
        // Read once, when the container's first socket class is loaded.
        System.getProperties().putIfAbsent(ConnectorDefaults.SOCKET_BUFFER, ConnectorDefaults.SOCKET_BUFFER_BYTES);
        tomcat.setBaseDir(work.toString());
        tomcat.setAddDefaultWebXmlToWebapp(false);
        connector = connector();
        tomcat.setConnector(connector);
        StandardHost host = (StandardHost) tomcat.getHost();
        host.setErrorReportValveClass(ProblemValve.class.getName());
        context = (StandardContext) tomcat.addWebapp(host, "", root.toString());
        configure();
    }

    /** Complains early, before a database is started in vain; {@link #bind} is what counts. */
    static void requireFreePort(ServerSettings settings) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(settings.host(), settings.port()), 1);
        } catch (IOException e) {
            throw bindFailure(settings, e);
        }
    }

    /** Takes the port, without answering on it yet. */
    void bind() {
        try {
            tomcat.getServer().init();
        } catch (LifecycleException e) {
            throw bindFailure(settings, e);
        }
    }

    /** Starts the application; when it returns, requests are answered. */
    void start(Map<String, String> parameters) {
        parameters.forEach(context::addParameter);
        context.getServletContext().setAttribute(LAUNCHED, true);
        try {
            tomcat.start();
        } catch (LifecycleException e) {
            throw bindFailure(settings, e);
        }
        if (context.getState() != LifecycleState.STARTED) {
            Throwable failure = log.failure();
            throw failure == null ? new StartFailure("The web application does not start") : StartFailure.of(failure);
        }
    }

    String url() {
        String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return "http://" + host + ":" + connector.getLocalPort() + "/";
    }

    /** Lets the application end its streams in its own time. */
    void drain() {
        if (context.getServletContext().getAttribute(DRAIN) instanceof Runnable drain) {
            drain.run();
        }
        connector.pause();
    }

    /** Stops it, as far as it was started. */
    void stop() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            // It was not started, or goes down with the process.
        }
    }

    private Connector connector() {
        Connector http = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        http.setPort(settings.port());
        http.setThrowOnFailure(true);
        http.setEnableLookups(false);
        // To be refused like any other method, with what the path does allow; the connector would make that up.
        http.setAllowTrace(true);
        http.setMaxParameterCount(500);
        http.setMaxPostSize(Math.toIntExact(Math.min(settings.bodyLimit(), Integer.MAX_VALUE)));
        ConnectorDefaults.VALUES.forEach(http::setProperty);
        http.setProperty("maxConnections", Integer.toString(maxConnections()));
        http.setProperty("connectionTimeout", Long.toString(connectionTimeout().toMillis()));
        http.setProperty(
                "connectionUploadTimeout", Long.toString(uploadTimeout().toMillis()));
        http.setProperty("address", settings.host());
        return http;
    }

    /** So many that the limit that speaks is the application's. */
    private int maxConnections() {
        int wanted = sockets + sockets / 10 + OTHER_CONNECTIONS;
        return Math.max(wanted, Integer.parseInt(ConnectorDefaults.VALUES.get("maxConnections")));
    }

    /**
     * The container counts a client as gone that takes nothing for as long as it waits for a request. The streams' own
     * time-out speaks first.
     */
    private Duration connectionTimeout() {
        return stallTimeout.plusSeconds(5);
    }

    /** Between two pieces of a body. */
    private Duration uploadTimeout() {
        return settings.bodyTimeout().compareTo(UPLOAD_TIMEOUT) < 0 ? settings.bodyTimeout() : UPLOAD_TIMEOUT;
    }

    private void configure() {
        context.setParentClassLoader(Container.class.getClassLoader());
        context.setReloadable(false);
        context.setUnloadDelay(1000);
        // The process ends with the application: nothing to clean for a successor.
        context.setClearReferencesRmiTargets(false);
        context.setClearReferencesThreadLocals(false);
        context.setClearReferencesHttpClientKeepAliveThread(false);
        StandardManager sessions = new StandardManager();
        sessions.setPathname(null);
        context.setManager(sessions);
        addFiles(context);
    }

    /** What a stock Tomcat's own web.xml would give: files, their types, the welcome file. */
    private static void addFiles(Context context) {
        Wrapper files = Tomcat.addServlet(context, "default", DefaultServlet.class.getName());
        files.addInitParameter("listings", "false");
        files.addInitParameter("showServerInfo", "false");
        files.setLoadOnStartup(1);
        files.setOverridable(true);
        files.setAsyncSupported(true);
        files.addMapping("/");
        Tomcat.addDefaultMimeTypeMappings(context);
        context.addWelcomeFile("index.html");
    }

    private static StartFailure bindFailure(ServerSettings settings, Exception e) {
        Throwable cause = StartFailure.rootCause(e);
        if (cause instanceof BindException && String.valueOf(cause.getMessage()).contains("in use")) {
            return new StartFailure("Port " + settings.port() + " is in use on " + settings.host()
                    + "; choose another one with --port, or --port 0 for any free one");
        }
        return new StartFailure(
                "Cannot listen on " + settings.host() + " port " + settings.port() + ": " + cause.getMessage(), e);
    }
}
