package dev.sluice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.CuttingProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /exports}: choose, see, download, and be told how it ended. */
class ExportsPageIT {
    /** 20,000 rows that take their time, and that compress badly, so that they come in many pieces. */
    private static final String SLOW =
            "SELECT g AS id, md5(g::text) || md5((g + 1)::text) || md5((g + 2)::text) AS text, CASE WHEN g % 500 = 0 THEN pg_sleep(0.05)::text END AS pause"
                    + " FROM generate_series(1, 20000) g";

    /** The database fails at row 15,000. */
    private static final String BROKEN =
            "SELECT g AS id, repeat('water', 40) AS text, 1 / (15000 - g) AS one FROM generate_series(1, 20000) g";

    /** 20,000 rows in the order of their key, of 2.5 MB, of which gzip leaves some 400 KB. */
    private static final String KEYED =
            "SELECT g AS id, md5(g::text) || md5((g + 1)::text) || md5((g + 2)::text) || E' \"\\n' AS text"
                    + " FROM generate_series(1, 20000) g ORDER BY g";

    private static final String WATCH_BAR = """
            () => {
                const bar = document.querySelector('progress');
                window.moves = [];
                new MutationObserver(() => window.moves.push(bar.value)).observe(bar, { attributeFilter: ['value'] });
            }
            """;

    private static TestDatabase database;
    private static TestServer server;
    private static CuttingProxy network;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Chromium chromium;

    @BeforeAll
    static void theDemoIsThere() throws Exception {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("dataset.slow.sql", SLOW)
                .set("dataset.slow.read", "public")
                .set("dataset.keyed.sql", KEYED)
                .set("dataset.keyed.key", "id")
                .set("dataset.keyed.read", "public")
                .set("dataset.broken.sql", BROKEN)
                .set("dataset.broken.read", "public")
                .set("dataset.ours.sql", "SELECT 1 AS one")
                .set("dataset.ours.read", "signed-in")
                .set("export.per-caller", "8")
                .start();
        network = CuttingProxy.inFrontOf(server.url());
        chromium = Chromium.start();
        assertThat(get(server.url("/api/export/users?limit=1"))).contains("@");
    }

    @AfterAll
    static void stop() {
        chromium.close();
        network.close();
        server.close();
        database.close();
    }

    @Test
    void aDownloadMovesTheBarAndIsTheWholeFile() throws Exception {
        try (Tab tab = chromium.open(server.url()).withFiles().visit("exports#slow")) {
            tab.find("input[value=ndjson]").check();
            tab.page().evaluate(WATCH_BAR);
            tab.find("#download").click();
            assertThat(tab.find("#transfer[data-state=done]")).isVisible();
            assertThat((List<?>) tab.page().evaluate("() => window.moves.filter(value => value > 0 && value < 1)"))
                    .hasSizeGreaterThan(3);
            assertThat(tab.page().evaluate("() => window.moves.every((value, i, all) => !i || value >= all[i - 1])"))
                    .isEqualTo(true);
            assertThat(tab.text("#transfer-result")).contains("slow.ndjson is complete", "20,000 rows", "end record");
            assertThat(tab.file("slow.ndjson")).isEqualTo(get(server.url("/api/export/slow.ndjson")));
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyFormatIsCountedAndWholeOnDisk(Format format) throws Exception {
        long rows = get(server.url("/api/export/events.ndjson")).lines().count();
        try (Tab tab = chromium.open(server.url()).withFiles().visit("exports#events")) {
            tab.find("input[value=" + format + "]").check();
            tab.find("#download").click();
            assertThat(tab.find("#transfer-result")).containsText("is complete: %,d rows".formatted(rows));
            assertThat(tab.file("events." + format)).isEqualTo(get(server.url("/api/export/events." + format)));
        }
    }

    enum Format {
        csv,
        ndjson,
        json
    }

    @Test
    void aCancelEndsTheExportAndKeepsNothing() {
        try (Tab tab = chromium.open(server.url()).withFiles().visit("exports#slow")) {
            tab.find("#download").click();
            assertThat(tab.find("#transfer-figures")).containsText("of about");
            tab.find("#cancel").click();
            assertThat(tab.find("#transfer-result")).containsText("Cancelled");
            assertThat(tab.hasFile("slow.csv")).isFalse();
            assertThat(tab.find("#download")).isEnabled();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> get(server.url("/api/stats")).contains("\"running\":0"));
        }
    }

    @Test
    void aDownloadThatBreaksIsSaidToBeBrokenAndKeepsNothing() {
        try (Tab tab = chromium.open(server.url()).withFiles().visit("exports#broken")) {
            tab.find("#download").click();
            assertThat(tab.find("#transfer-result")).containsText("The download broke");
            assertThat(tab.find("#transfer-result")).containsText("Nothing was kept");
            assertThat(tab.hasFile("broken.csv")).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "ndjson"})
    void aDownloadWhoseConnectionBreaksGoesOnAndIsTheWholeFile(String format) throws Exception {
        try (Tab tab = chromium.open(network.url()).withFiles().visit("exports#keyed")) {
            tab.find("input[value=" + format + "]").check();
            assertThat(tab.find("#preview-status")).containsText("The first 50 rows");
            network.holdAfter(100_000);
            tab.find("#download").click();
            // A browser forgets what it has not handed to the page when the connection breaks.
            assertThat(tab.find("#transfer-figures")).containsText(Pattern.compile("[1-9][0-9,]* of about"));
            network.cutHeld();
            assertThat(tab.find("#transfer-result")).containsText("is complete: 20,000 rows");
            assertThat(tab.find("#transfer-result")).containsText("broke once, and the download went on");
            assertThat(tab.file("keyed." + format)).isEqualTo(get(server.url("/api/export/keyed." + format)));
        }
    }

    @Test
    void aDownloadWhoseConnectionBreaksIsCancelledWhileItWaits() {
        try (Tab tab = chromium.open(network.url()).withFiles().visit("exports#keyed")) {
            assertThat(tab.find("#preview-status")).containsText("The first 50 rows");
            network.cutAfter(100_000, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10);
            tab.find("#download").click();
            assertThat(tab.find("#transfer-result")).containsText("Trying again in");
            tab.find("#cancel").click();
            assertThat(tab.find("#transfer-result")).containsText("Cancelled");
            assertThat(tab.hasFile("keyed.csv")).isFalse();
        } finally {
            network.cutAfter();
        }
    }

    @Test
    void aBrowserThatCannotWriteToDiskGetsTheFileThroughItsDownloads() throws Exception {
        try (Tab tab = chromium.open(server.url()).withoutFiles().visit("exports#users")) {
            assertThat(tab.find("#where")).containsText("256.0 MB in memory");
            Download download =
                    tab.page().waitForDownload(() -> tab.find("#download").click());
            assertThat(download.suggestedFilename()).isEqualTo("users.csv");
            assertThat(Files.readString(download.path())).isEqualTo(get(server.url("/api/export/users.csv")));
        }
    }

    @Test
    void columnsFiltersAndOrderMakeTheAddressAndThePreview() throws Exception {
        try (Tab tab = chromium.open(server.url()).visit("exports#users")) {
            tab.find("#columns-none").click();
            assertThat(tab.find("#preview-status")).hasText("Choose a column.");
            assertThat(tab.find("#download")).isDisabled();
            tab.find("#columns input[value=id]").check();
            tab.find("#columns input[value=created_at]").check();
            tab.find("#filters .add").click();
            tab.find("#filters select[aria-label=Column]").selectOption("email");
            tab.find("#filters select[aria-label=Comparison]").selectOption("in");
            tab.find("#filters .value").fill(emails());
            tab.find("#order .add").click();
            tab.find("#order select[aria-label=Column]").selectOption("id");
            tab.find("#order select[aria-label=Direction]").selectOption("desc");
            assertThat(tab.find("#preview-status")).containsText("All 2 rows");
            assertThat(tab.find("#preview-table th")).hasCount(2);
            String csv = get(tab.text("#url"));
            assertThat(csv.lines().skip(1).map(line -> line.substring(0, line.indexOf(','))))
                    .isEqualTo(tab.find("#preview-table td:first-child").allInnerTexts());
            assertThat(tab.text("#curl")).contains(tab.text("#url"));
            assertThat(tab.complaints()).isEmpty();
        }
    }

    private static String emails() throws Exception {
        String csv = get(server.url("/api/export/users.csv?select=email&limit=2&header=false"));
        return csv.strip().replace("\n", ", ");
    }

    @Test
    void aValueOfTheWrongTypeIsToldInTheServersWords() {
        try (Tab tab = chromium.open(server.url()).visit("exports#users")) {
            tab.find("#filters .add").click();
            tab.find("#filters select[aria-label=Column]").selectOption("created_at");
            tab.find("#filters .value").fill("yesterday-ish");
            assertThat(tab.find("#preview-status")).containsText("A value is not acceptable");
            assertThat(tab.find("#preview-status")).containsText("created_at");
        }
    }

    @Test
    void signingInShowsWhatIsForSignedInReadersAndSurvivesAReload() {
        try (Tab tab = chromium.open(server.url()).visit("exports")) {
            assertThat(tab.find("#datasets input[value=users]")).hasCount(1);
            assertThat(tab.find("#datasets input[value=ours]")).hasCount(0);
            tab.find("#account").click();
            tab.find(".account").first().click();
            tab.find("#sign-in [type=submit]").click();
            assertThat(tab.find("#account")).hasText("Sign out");
            assertThat(tab.find("#datasets input[value=ours]")).hasCount(1);
            assertThat(tab.find("#curl")).containsText("$TOKEN");
            tab.page().reload();
            assertThat(tab.find("#account")).hasText("Sign out");
            assertThat(tab.find("#datasets input[value=ours]")).hasCount(1);
            tab.find("#account").click();
            assertThat(tab.find("#datasets input[value=ours]")).hasCount(0);
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @Test
    void tabsShareOneSignIn() {
        try (Tab tab = chromium.open(server.url()).visit("exports")) {
            Page other = tab.page().context().newPage();
            other.navigate("exports");
            tab.find("#account").click();
            tab.find(".account").first().click();
            tab.find("#sign-in [type=submit]").click();
            assertThat(other.locator("#account")).hasText("Sign out");
            other.locator("#account").click();
            assertThat(tab.find("#account")).hasText("Sign in");
        }
    }

    @Test
    void aWrongPasswordIsSaidInTheDialog() {
        try (Tab tab = chromium.open(server.url()).visit("exports")) {
            tab.find("#account").click();
            tab.find("[name=email]").fill("alice@example.com");
            tab.find("[name=password]").fill("not hers");
            tab.page().keyboard().press("Enter");
            assertThat(tab.find("#sign-in [role=alert]")).containsText("E-mail or password is wrong");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void aPhoneScrollsTheTableAndNotThePage(ColorScheme scheme) {
        Browser.NewContextOptions phone =
                new Browser.NewContextOptions().setViewportSize(390, 844).setColorScheme(scheme);
        try (Tab tab = chromium.open(server.url(), phone).visit("exports#events")) {
            tab.find("#filters .add").click();
            tab.find("#order .add").click();
            assertThat(tab.find("#preview-table td").first()).isVisible();
            assertThat(tab.scrollsSideways()).isFalse();
            tab.visit("");
            assertThat(tab.find("#catalogue a").first()).isVisible();
            assertThat(tab.scrollsSideways()).isFalse();
            assertThat(tab.complaints()).isEmpty();
        }
    }

    private static String get(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
