package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The SDK {@code centrifuge} of npm, unchanged, under Node. */
class CentrifugeSdkIT {
    private static final Path FOLDER = Path.of("src/test/js/sdk");
    private static final String SECRET = "the secret of an application, long enough";

    @Test
    void theSdkWorks() {
        assertThat(FOLDER.resolve("node_modules/centrifuge"))
                .as("scripts/test installs it; npm ci --prefix src/test/js/sdk does so as well")
                .isDirectory();
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("realtime.token-secret", SECRET)
                        .set("namespace.few.subscribe", "public")
                        .set("namespace.few.publish", "public")
                        .set("namespace.few.history-size", "2")
                        .set("namespace.secret.subscribe", "token")
                        .set("namespace.secret.history-size", "2")
                        .start();
                Command node = Command.start(
                        "node", FOLDER.resolve("centrifuge.js").toString(), withoutSlash(server.url()), SECRET)) {
            assertThat(node.exitCode()).as(node::text).isZero();
            assertThat(node.text()).endsWith("ok\n");
        }
    }

    private static String withoutSlash(String url) {
        return url.substring(0, url.length() - 1);
    }
}
