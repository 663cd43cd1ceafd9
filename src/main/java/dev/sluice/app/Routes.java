package dev.sluice.app;

import dev.sluice.auth.Access;
import dev.sluice.auth.Auth;
import dev.sluice.auth.Caller;
import dev.sluice.flow.CutServlet;
import dev.sluice.http.CorsFilter;
import dev.sluice.http.ErrorServlet;
import dev.sluice.http.FrontFilter;
import dev.sluice.realtime.Realtime;
import dev.sluice.realtime.centrifugo.Centrifugo;
import dev.sluice.realtime.sse.TickStreams;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.annotation.MultipartConfig;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every path in one table. Used once, while the web application starts. */
final class Routes {
    /** What takes long: refused while this node goes down. */
    private static final String[] STREAMS = {"/api/export/*", "/export/*", "/stream/*"};

    private final ServletContext context;

    Routes(ServletContext context) {
        this.context = context;
    }

    void register(Sluice sluice) {
        filter("front", new FrontFilter(sluice.addresses(), sluice.bodies(), sluice.ticks()));
        // Before auth: a preflight brings no token, and a page may read why it was refused.
        filter("cors", new CorsFilter(sluice.settings().server().corsOrigins()));
        Set<String> sockets = sluice.realtime().paths();
        filter("auth", sluice.auth().filter(TickStreams.PATH::equals, sockets::contains));
        filter("access", Auth.requireAccess(access(sluice.settings().demo().enabled(), sockets)));
        filter("drain", sluice.operations().refuseWhileDraining(), STREAMS);
        String[] socketPaths = sockets.toArray(String[]::new);
        filter("drain-sockets", sluice.operations().refuseWhileDraining(), socketPaths);
        filter("sockets", sluice.realtime().filter(), socketPaths);
        endpoints(sluice.realtime());

        servlet("auth", sluice.auth().servlet(), "/api/auth/*");
        servlet("users", sluice.auth().usersServlet(), "/api/users", "/api/users/*");
        servlet("live", sluice.operations().live(), "/health/live");
        servlet("ready", sluice.operations().ready(), "/health/ready");
        servlet("metrics", sluice.operations().metrics(), "/metrics");
        servlet("stats", sluice.operations().stats(), "/api/stats");
        servlet("announcements", sluice.realtime().announcements(sluice.bodies()), "/api/announcements");
        servlet(
                "centrifugo",
                sluice.centrifugo().api(sluice.bodies()),
                Centrifugo.apiPaths().toArray(String[]::new));
        servlet("ticks", sluice.tickStreams().servlet(), TickStreams.PATH);
        servlet("rooms", sluice.chat().rooms(sluice.bodies()), "/api/rooms/*");
        servlet("page-exports", new PageServlet("/exports.html"), "/exports");
        servlet("page-chat", new PageServlet("/chat.html"), "/chat");
        // Browsers ask for it by themselves, where no page tells them of the icon.
        servlet("favicon", new PageServlet("/assets/favicon.svg"), "/favicon.ico");
        servlet("error", new ErrorServlet(), ErrorServlet.PATH);
        servlet("cut", new CutServlet(), CutServlet.PATH);
        servlet("export", sluice.exports().servlet(), "/api/export", "/api/export/*");
        if (sluice.settings().demo().enabled()) {
            servlet("export-users", sluice.exports().shortPath("users", "csv"), "/export/users");
            servlet("stream-logs", sluice.exports().shortPath("logs", "ndjson"), "/stream/logs");
            servlet("stream-data", sluice.exports().shortPath("events", "ndjson"), "/stream/data");
        }
    }

    /** Who may come to a path; what is not here does not exist. */
    private static Map<String, Access> access(boolean demo, Set<String> sockets) {
        Map<String, Access> access = new HashMap<>(Auth.access());
        access.put("/health/live", Access.PUBLIC);
        access.put("/health/ready", Access.PUBLIC);
        access.put("/metrics", Access.FEATURE);
        access.put("/api/stats", demo ? Access.PUBLIC : Access.role(Caller.ADMIN));
        for (String page : List.of("/", "/index.html", "/exports", "/chat", "/assets/*", "/client/*", "/favicon.ico")) {
            access.put("GET " + page, Access.PUBLIC);
        }
        access.put("/api/announcements", Access.role(Caller.ADMIN));
        Centrifugo.apiPaths().forEach(path -> access.put(path, Access.role(Caller.ADMIN)));
        access.put("/api/rooms/*", Access.role(Caller.ADMIN));
        access.put(TickStreams.PATH, demo ? Access.PUBLIC : Access.SIGNED_IN);
        sockets.forEach(socket -> access.put(socket, Access.FEATURE));
        for (String export : List.of("/api/export", "/api/export/*", "/export/users", "/stream/logs", "/stream/data")) {
            access.put(export, Access.FEATURE);
        }
        return access;
    }

    private void endpoints(Realtime realtime) {
        if (!(context.getAttribute(ServerContainer.class.getName()) instanceof ServerContainer container)) {
            throw new StartException("This container has no WebSocket; Sluice needs one that has", null);
        }
        try {
            realtime.start(container);
        } catch (DeploymentException e) {
            throw new StartException("The sockets cannot be deployed: " + e.getMessage(), e);
        }
    }

    private void filter(String name, Filter filter) {
        filter(name, filter, "/*");
    }

    private void filter(String name, Filter filter, String... paths) {
        FilterRegistration.Dynamic registration = context.addFilter(name, filter);
        registration.setAsyncSupported(true);
        // Before those that are mapped already: the container's own, which upgrades to sockets, is one of them.
        registration.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, paths);
    }

    private void servlet(String name, Servlet servlet, String... paths) {
        ServletRegistration.Dynamic registration = context.addServlet(name, servlet);
        registration.setAsyncSupported(true);
        MultipartConfig multipart = servlet.getClass().getAnnotation(MultipartConfig.class);
        if (multipart != null) {
            registration.setMultipartConfig(new MultipartConfigElement(multipart));
        }
        registration.addMapping(paths);
    }
}
