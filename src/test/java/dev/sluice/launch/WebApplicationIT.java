package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the launcher treats the web application, whatever that is. */
class WebApplicationIT {
    private static final String WEB_XML = """
            <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.1">
              <listener><listener-class>dev.sluice.launch.SampleListener</listener-class></listener>
            </web-app>
            """;

    @TempDir
    Path folder;

    private Path root;

    @BeforeEach
    void makeWebApplication() throws Exception {
        root = folder.resolve("root");
        String listener = SampleListener.class.getName().replace('.', '/') + ".class";
        Path classes = root.resolve("WEB-INF/classes");
        Files.createDirectories(classes.resolve("dev/sluice/launch"));
        try (var in = SampleListener.class.getClassLoader().getResourceAsStream(listener)) {
            Files.write(classes.resolve(listener), in == null ? new byte[0] : in.readAllBytes());
        }
        Files.writeString(root.resolve("WEB-INF/web.xml"), WEB_XML);
        Files.writeString(root.resolve("index.html"), "<h1>hello</h1>");
        Files.writeString(root.resolve("module.js"), "export {}");
        System.clearProperty(SampleListener.NOTES);
    }

    @Test
    void gets_its_settings_serves_files_and_is_drained_before_it_stops() throws Exception {
        AutoCloseable launcher = TestLauncher.start(root, settings(Map.of("sluice.demo-rows", "77")));
        String url = (String) ((Supplier<?>) launcher).get();
        HttpResponse<String> page = get(url);
        assertThat(page.body()).isEqualTo("<h1>hello</h1>");
        assertThat(page.headers().firstValue("Content-Type")).contains("text/html");
        assertThat(get(url + "module.js").headers().firstValue("Content-Type")).contains("text/javascript");
        launcher.close();
        assertThat(System.getProperty(SampleListener.NOTES)).isEqualTo("started with 77;drained;stopped;");
        assertThatThrownBy(() -> get(url)).isInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void that_fails_to_start_gives_the_line_of_its_root_cause_and_nothing_else() throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> TestLauncher.start(root, settings(Map.of("sluice.auth.issuer", "No such luck"))))
                    .hasMessage("No such luck");
        } finally {
            System.setErr(before);
        }
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private Map<String, String> settings(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("sluice.port", "0");
        settings.put("sluice.data", folder.resolve("data").toString());
        settings.put("sluice.database-url", "jdbc:postgresql://127.0.0.1:1/none");
        return settings;
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }
}
