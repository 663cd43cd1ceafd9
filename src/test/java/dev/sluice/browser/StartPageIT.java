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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /}: what it says is so. */
class StartPageIT {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final TestServer SERVER = TestServer.demo(DATABASE).start();
    private static final Chromium CHROMIUM = Chromium.start();

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
        DATABASE.close();
    }

    @Test
    void everyLineToCopyWorksAsItStands(@TempDir Path folder) throws Exception {
        try (Tab tab = CHROMIUM.open(SERVER.url()).visit("")) {
            assertThat(tab.find("#status")).isVisible();
            List<String> lines = tab.find("pre.command:visible code").allInnerTexts();
            assertThat(lines).hasSizeGreaterThan(7).allMatch(line -> line.contains(SERVER.url()));
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
        try (Tab tab = CHROMIUM.open(SERVER.url()).visit("")) {
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
        try (Tab tab = CHROMIUM.open(SERVER.url()).visit("")) {
            tab.page().keyboard().press("Tab");
            assertThat(tab.page().evaluate("document.activeElement.textContent"))
                    .isEqualTo("Skip to the content");
            tab.find("#catalogue a").first().click();
            assertThat(tab.find("#dataset-name")).isVisible();
        }
    }
}
