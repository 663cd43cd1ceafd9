package dev.sluice.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Route;
import dev.sluice.http.Json;
import dev.sluice.support.Command;
import java.nio.file.Path;

/**
 * React and a component in TSX, for pages of a test: none of it is part of what Sluice serves. Immutable.
 *
 * @param modules texts by file name
 */
record ReactApp(JsonNode modules) {
    private static final Path FOLDER = Path.of("src/test/js/sdk");

    private static final String PAGE = """
            <!doctype html>
            <div id="root"></div>
            <script type="importmap">
            {"imports": {"react": "/react/react.js", "react/jsx-runtime": "/react/jsx-runtime.js",
              "react-dom/client": "/react/react-dom-client.js"}}
            </script>
            <script type="module">%s</script>
            """;

    /** Makes it of the component in this file. */
    static ReactApp of(Path component) {
        assertThat(FOLDER.resolve("node_modules/react"))
                .as("scripts/test installs it; npm ci --prefix src/test/js/sdk does so as well")
                .isDirectory();
        try (Command node =
                Command.start("node", FOLDER.resolve("react-for-browser.js").toString(), component.toString())) {
            assertThat(node.exitCode()).as(node::text).isZero();
            return new ReactApp(Json.parse(node.text()));
        }
    }

    /** The component's text, compiled. */
    String component() {
        return modules.path("component.js").asText();
    }

    /** Writes a page with this script; what it imports from {@code /react/} is here, all else comes from the server. */
    Tab show(Tab tab, String component, String script) {
        tab.page().route("**/react/*", route -> {
            String name = route.request().url().replaceFirst(".*/", "");
            String body = name.equals("component.js") ? component : text(name);
            route.fulfill(
                    new Route.FulfillOptions().setContentType("text/javascript").setBody(body));
        });
        return tab.write(PAGE.formatted(script));
    }

    private String text(String name) {
        return modules.path(name).asText();
    }
}
