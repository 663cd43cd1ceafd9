package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Json;
import dev.sluice.support.Command;
import dev.sluice.support.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/serve}, in a tree of its own with a WAR that is built; and {@code scripts/full-demo.sh} against it. */
class ServeIT {
    @TempDir
    Path folder;

    private Path tree;

    /** With a Maven that always fails. */
    @BeforeEach
    void makeTree() throws IOException {
        tree = folder.resolve("a tree");
        Files.createDirectories(tree.resolve("src/main"));
        Files.createDirectories(tree.resolve("scripts"));
        Files.createDirectories(tree.resolve("target"));
        Files.createFile(tree.resolve("pom.xml"));
        Path serve = Path.of("scripts", "serve");
        Files.copy(serve, tree.resolve(serve), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(Path.of(System.getProperty("sluice.war", "target/sluice.war")), tree.resolve("target/sluice.war"));
        Path maven = Files.createFile(
                Files.createDirectories(folder.resolve("bin")).resolve("mvn"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(maven, "#!/bin/sh\necho \"mvn $* in $PWD\" >&2\nexit 1\n");
    }

    @Test
    void the_demo_runs_and_shows_everything_and_ends() throws Exception {
        try (ServerProcess server = serve("-Xmx200m", "--port", "0", "--demo-rows", "1000")) {
            String url = server.awaitReady().url();

            assertThat(maxHeap(url)).isBetween(100L << 20, 200L << 20);
            try (Command demo = Command.start("scripts/full-demo.sh", url)) {
                assertThat(demo.exitCode()).as(demo.text()).isZero();
                assertThat(demo.text()).contains("checks are as they should be");
            }

            assertThat(server.terminate()).isZero();
            assertThat(server.errors()).noneMatch(line -> line.startsWith("Building"));
        }
    }

    @Test
    void a_war_that_is_older_than_its_sources_is_built_first() throws Exception {
        Files.setLastModifiedTime(
                tree.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(1)));

        try (ServerProcess server = serve("", "--help")) {
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.output()).isEmpty();
            assertThat(server.errors())
                    .hasSize(3)
                    .contains("mvn -q -DskipTests package in " + tree)
                    .last()
                    .isEqualTo("scripts/serve: the build failed; what is above says why");
        }
    }

    private ServerProcess serve(String javaOptions, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(tree.resolve("scripts/serve").toString()));
        command.addAll(List.of(arguments));
        Path data = folder.resolve("data");
        command.addAll(List.of("--data", data.toString()));
        Map<String, String> environment = Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "PATH",
                folder.resolve("bin") + ":" + System.getenv("PATH"),
                "SLUICE_JAVA_OPTS",
                javaOptions);
        return ServerProcess.run(command, data, environment);
    }

    private static long maxHeap(String url) throws Exception {
        String stats = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url + "api/stats")).build(), BodyHandlers.ofString())
                .body();
        return Json.parse(stats).get("heap").get("max").asLong();
    }
}
