package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.db.Database;
import dev.sluice.flow.Budget;
import dev.sluice.flow.Streams;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.FrontFilter;
import dev.sluice.http.Json;
import dev.sluice.http.RequestBodies;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import dev.sluice.support.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health, metrics and stats over HTTP, on a real database. */
@SuppressWarnings("NullAway.Init") // each test starts with the settings it needs
class OperationsIT {
    private static final InstantSource CLOCK = InstantSource.system();

    private final HttpClient client = HttpClient.newHttpClient();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Budget budget = new Budget(CLOCK);
    private final Tomcat tomcat = new Tomcat();
    private TestDatabase test;
    private Database database;
    private Operations operations;

    @TempDir
    Path folder;

    @BeforeEach
    void createDatabase() {
        test = TestDatabase.create();
    }

    @AfterEach
    void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        operations.close();
        database.close();
        test.close();
    }

    @Test
    void aNodeWithItsDatabaseIsLiveAndReady() throws Exception {
        start(Map.of());

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body()).isEqualTo("{\"status\":\"ready\"}");
        assertThat(ready.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @Test
    void withoutItsDatabaseANodeIsLiveAndNotReady() throws Exception {
        start(Map.of());
        test.close();

        HttpResponse<String> ready = get("/health/ready");

        assertProblem(ready, 503, "database_unavailable");
        assertThat(ready.headers().firstValue("Retry-After")).isPresent();
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void aNodeThatDrainsIsNotReadyAndBeginsNoNewStream() throws Exception {
        start(Map.of());
        assertThat(get("/stream").statusCode()).isEqualTo(200);

        operations.drain();

        assertProblem(get("/health/ready"), 503, "draining");
        assertProblem(get("/stream"), 503, "draining");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void prometheusIsToldOfTheJvmThePoolsAndTheBudget() throws Exception {
        budget.register(new Budget.Gauge("exports.running", () -> 3, 8));
        start(Map.of());
        get("/health/ready");

        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain;version=0.0.4"));
        assertThat(metrics.body())
                .contains("jvm_memory_used_bytes{")
                .contains("hikaricp_connections_active{pool=\"state\"}")
                .contains("sluice_budget_used{resource=\"exports.running\"} 3.0")
                .contains("sluice_budget_limit{resource=\"exports.running\"} 8.0")
                .contains("sluice_streams 0.0")
                .contains("sluice_build_info{version=\"");
    }

    @Test
    void metricsAreNotForStrangers() throws Exception {
        start(Map.of("sluice.trusted-proxies", "127.0.0.1"));

        assertProblem(get("/metrics", "X-Forwarded-For", "203.0.113.7"), 401, "unauthorized");
        assertThat(get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void aProxyThatIsNotTrustedIsAStranger() throws Exception {
        start(Map.of());

        assertProblem(get("/metrics", "X-Forwarded-For", "127.0.0.1"), 401, "unauthorized");
    }

    @Test
    void metricsAreForAnybodyWhereASettingSaysSo() throws Exception {
        start(Map.of("sluice.metrics.public", "true"));

        assertThat(get("/metrics", "X-Forwarded-For", "203.0.113.7").statusCode())
                .isEqualTo(200);
    }

    @Test
    void statsAreOneJsonObject() throws Exception {
        budget.register(new Budget.Gauge("exports.running", () -> 0, 8));
        start(Map.of());
        get("/health/ready");

        JsonNode stats = Json.parse(get("/api/stats").body());

        assertThat(stats.get("demo").booleanValue()).isFalse();
        assertThat(stats.get("exports").get("limits").get("running").intValue()).isEqualTo(8);
        assertThat(stats.get("pools").get("state").get("size").intValue()).isEqualTo(10);
        assertThat(stats.get("heap").get("used").longValue()).isPositive();
    }

    @Test
    void nothingHereCanBeWritten() throws Exception {
        start(Map.of());

        HttpRequest post = request("/health/live")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = client.send(post, HttpResponse.BodyHandlers.ofString());

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    private void start(Map<String, String> given) throws Exception {
        Map<String, String> parameters = new HashMap<>(given);
        parameters.put("sluice.database-url", test.jdbcUrl());
        parameters.put("sluice.database-user", test.user());
        parameters.put("sluice.database-password", test.password());
        Settings settings = Settings.read(SettingsSources.ofContext(parameters, Map.of()));
        ClientAddress addresses = new ClientAddress(settings.server().trustedProxies());
        database = Database.open("state", settings.state(), Duration.ofSeconds(5), registry);
        operations = new Operations(
                settings, new Streams(CLOCK, budget), () -> {}, budget, database, registry, addresses, CLOCK);
        deploy(addresses);
    }

    private void deploy(ClientAddress addresses) throws Exception {
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", folder.toString());
        add(context, "/*", new FrontFilter(addresses, new RequestBodies(1000, Duration.ofSeconds(10), CLOCK), CLOCK));
        add(context, "/stream", operations.refuseWhileDraining());
        add(context, "/health/live", operations.live());
        add(context, "/health/ready", operations.ready());
        add(context, "/metrics", operations.metrics());
        add(context, "/api/stats", operations.stats());
        add(context, "/stream", operations.live());
        tomcat.start();
    }

    private static void add(Context context, String path, HttpServlet servlet) {
        Tomcat.addServlet(context, path, servlet).addMapping(path);
    }

    private static void add(Context context, String path, Filter filter) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(filter.getClass().getName());
        definition.setFilter(filter);
        context.addFilterDef(definition);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName(definition.getFilterName());
        mapping.addURLPattern(path);
        context.addFilterMap(mapping);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path));
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void assertProblem(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode problem = Json.parse(response.body());
        assertThat(problem.get("code").textValue()).isEqualTo(code);
        assertThat(problem.get("status").intValue()).isEqualTo(status);
    }
}
