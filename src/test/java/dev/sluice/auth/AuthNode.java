package dev.sluice.auth;

import dev.sluice.db.Database;
import dev.sluice.db.Migrations;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.FrontFilter;
import dev.sluice.http.Json;
import dev.sluice.http.RequestBodies;
import dev.sluice.launch.TestLauncher;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import dev.sluice.support.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** One node with nothing but sign-in, on a free port: the filters in front, its servlets, and a few paths to try. */
final class AuthNode implements AutoCloseable {
    private final Tomcat tomcat = new Tomcat();
    private final Path folder;
    private final Database database;
    private final Auth auth;

    private AuthNode(Database database, Auth auth) throws Exception {
        this.database = database;
        this.auth = auth;
        this.folder = Files.createTempDirectory("sluice-auth-node");
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
    }

    /**
     * Starts a node.
     *
     * @param given settings beside those of the database, without {@code sluice.}
     */
    static AuthNode start(TestDatabase test, TestClock clock, Map<String, String> given) throws Exception {
        return start(test, clock, clock, given);
    }

    /** One whose time stamps and durations are told apart. */
    static AuthNode start(TestDatabase test, TestClock clock, TestClock ticks, Map<String, String> given)
            throws Exception {
        Settings settings = settings(test, given);
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Database database = Database.open("state", settings.state(), Duration.ofSeconds(5), metrics);
        Migrations.run(Database.unpooled("start", settings.state()), "sluice", "db/migration");
        ClientAddress addresses = new ClientAddress(settings.server().trustedProxies());
        RequestBodies bodies = new RequestBodies(
                settings.server().bodyLimit(), settings.server().bodyTimeout(), clock);
        Auth auth = new Auth(
                database,
                settings.auth(),
                settings.demo(),
                addresses,
                settings.server().corsOrigins(),
                bodies,
                clock,
                ticks,
                metrics);
        auth.start();
        AuthNode node = new AuthNode(database, auth);
        node.deploy(addresses, bodies, clock);
        return node;
    }

    static Settings settings(TestDatabase test, Map<String, String> given) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("sluice.database-url", test.jdbcUrl());
        parameters.put("sluice.database-user", test.user());
        parameters.put("sluice.database-password", test.password());
        parameters.put("sluice.auth.password-cost", "4");
        given.forEach((key, value) -> parameters.put("sluice." + key, value));
        return Settings.read(SettingsSources.ofLauncher(parameters, Map.of()));
    }

    String url() {
        return "http://127.0.0.1:" + tomcat.getConnector().getLocalPort();
    }

    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    Auth auth() {
        return auth;
    }

    private void deploy(ClientAddress addresses, RequestBodies bodies, TestClock clock) throws Exception {
        Context context = tomcat.addContext("", folder.toString());
        add(context, "front", new FrontFilter(addresses, bodies, clock));
        add(context, "auth", auth.filter(path -> path.equals("/stream"), path -> false));
        add(context, "access", Auth.requireAccess(table()));
        add(context, "/api/auth/*", auth.servlet());
        add(context, "/api/users", auth.usersServlet()).addMapping("/api/users/*");
        add(context, "/", new WhoAmI());
        tomcat.start();
    }

    private static Map<String, Access> table() {
        Map<String, Access> table = new LinkedHashMap<>(Auth.access());
        table.put("/public", Access.PUBLIC);
        table.put("/signed-in", Access.SIGNED_IN);
        table.put("/editors", Access.role("editor"));
        table.put("/stream", Access.SIGNED_IN);
        return table;
    }

    private static void add(Context context, String name, Filter filter) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        context.addFilterDef(definition);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName(name);
        mapping.addURLPattern("/*");
        context.addFilterMap(mapping);
    }

    private static Wrapper add(Context context, String path, HttpServlet servlet) {
        Wrapper wrapper = Tomcat.addServlet(context, path, servlet);
        wrapper.addMapping(path);
        return wrapper;
    }

    @Override
    public void close() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        auth.close();
        database.close();
        TestLauncher.delete(folder);
    }

    /** Tells what a feature sees of the caller. */
    private static final class WhoAmI extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Caller caller = Caller.of(request);
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("subject", caller.subject());
            json.put("name", caller.name());
            json.put("roles", caller.roles());
            json.put("claims", caller.claims());
            Json.send(response, 200, json);
        }
    }
}
