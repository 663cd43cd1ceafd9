package dev.sluice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /}: what it says is so. */
class StartPageIT {
    private static TestDatabase database;
    private static TestServer server;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        database.close();
    }

    @Test
    void everyLineToCopyWorksAsItStands(@TempDir Path folder) throws Exception {
        try (Tab tab = chromium.open(server.url()).visit("")) {
            assertThat(tab.find("#status")).isVisible();
            List<String> lines = tab.find("pre.command:visible code").allInnerTexts();
            assertThat(lines).hasSizeGreaterThan(7).allMatch(line -> line.contains(server.url()));
            for (String line : lines) {
                run(line, folder);
            }
            assertThat(folder.resolve("users.csv")).isNotEmptyFile();
            assertThat(tab.complaints()).isEmpty();
        }
    }

    /** As a reader's shell does it, but told of errors by {@code -f}. */
    private static void run(String line, Path folder) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", line.replace("curl -", "curl -f -"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor(30, TimeUnit.SECONDS)).as(line).isTrue();
        assertThat(shell.exitValue()).as(line + "\n" + output).isZero();
        if (!line.contains(" -fO ")) {
            assertThat(output).as(line).isNotBlank();
        }
    }

    @Test
    void theCopyButtonCopiesTheLine() {
        try (Tab tab = chromium.open(server.url()).visit("")) {
            tab.page().context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
            assertThat(tab.find("#status")).isVisible();
            tab.find("pre.command:visible button").first().click();
            assertThat(tab.find("pre.command:visible button").first()).hasText("Copied");
            assertThat(tab.page().evaluate("navigator.clipboard.readText()"))
                    .isEqualTo(tab.find("pre.command:visible code").first().innerText());
        }
    }

    @Test
    void theKeyboardReachesTheContentFirst() {
        try (Tab tab = chromium.open(server.url()).visit("")) {
            tab.page().keyboard().press("Tab");
            assertThat(tab.page().evaluate("document.activeElement.textContent"))
                    .isEqualTo("Skip to the content");
            tab.find("#catalogue a").first().click();
            assertThat(tab.find("#dataset-name")).isVisible();
        }
    }
}
