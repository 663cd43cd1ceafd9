package dev.sluice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.CuttingProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code /chat}: rooms in several windows, and what they say when the connection breaks. */
class ChatPageIT {
    private static final String MARKUP = "<img src=x onerror=\"document.title='owned'\"><b>bold</b> &amp; </li>";

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
    void twoWindowsTalkAndWhatTheyWriteIsText() {
        try (Tab ann = enter(server.url(), "two", "Ann");
                Tab ben = enter(server.url(), "two", "<i>Ben</i>")) {
            assertThat(ann.find("#members li bdi")).containsText(new String[] {"Ann", "<i>Ben</i>"});
            assertThat(ann.find("#room-count")).hasText("2 people");
            ann.find("#text").fill(MARKUP);
            assertThat(ben.find("#typing")).hasText("Ann is typing");
            ann.find("#text").press("Enter");
            assertThat(ben.find(".message .text")).hasText(MARKUP);
            assertThat(ben.find(".message .by strong")).hasText("Ann");
            assertThat(ben.find("#typing")).hasText("");
            say(ben, "two\nlines", "Shift+Enter");
            assertThat(ann.find(".message .text").last()).hasText("two\nlines");
            assertThat(ann.find(".message .by strong").last()).hasText("<i>Ben</i>");
            assertThat(ann.find(".message[data-mine] .text")).hasText(MARKUP);
            for (Tab tab : new Tab[] {ann, ben}) {
                assertThat(tab.find("#logs img, #logs b, #logs i, #members i")).hasCount(0);
                assertThat(tab.find(".message[data-status=sent]")).hasCount(2);
                assertThat(tab.page()).hasTitle(Pattern.compile("Chat · Sluice$"));
                assertThat(tab.complaints()).isEmpty();
            }
            ben.close();
            assertThat(ann.find("#room-count")).hasText("1 person");
            assertThat(ann.find("#members li")).hasCount(1);
        }
    }

    @Test
    void whoComesLaterSeesWhatWasSaid() {
        try (Tab ann = enter(server.url(), "earlier", "Ann")) {
            say(ann, "first");
            say(ann, "second");
            assertThat(ann.find(".message[data-status=sent]")).hasCount(2);
            try (Tab ben = enter(server.url(), "earlier", "Ben")) {
                assertThat(ben.find(".message .text")).hasText(new String[] {"first", "second"});
                assertThat(ben.find(".message[data-mine]")).hasCount(0);
            }
        }
    }

    @Test
    void whatAServerSaysAtATimeThatCannotBeIsShownWithoutOne() {
        try (Tab ann = enter(server.url(), "odd", "Ann")) {
            say(ann, "before");
            assertThat(ann.find(".message[data-status=sent]")).hasCount(1);
            database.execute("SELECT sluice.publish('room:odd', '{\"text\": \"odd\", \"ts\": 1732958000000000000}')");
            assertThat(ann.find(".message .text")).hasText(new String[] {"before", "odd"});
            say(ann, "after");
            assertThat(ann.find(".message .text")).hasText(new String[] {"before", "odd", "after"});
            assertThat(ann.find(".message time[datetime]")).hasCount(2);
        }
    }

    @Test
    void severalRoomsAtOnceTellWhatIsNew() {
        try (Tab ann = enter(server.url(), "red", "Ann");
                Tab ben = enter(server.url(), "blue", "Ben")) {
            ann.find("#join input").fill("blue");
            ann.find("#join input").press("Enter");
            assertThat(ann.find("#room-title")).hasText("blue");
            assertThat(ann.find("#room-count")).hasText("2 people");
            room(ann, "red").click();
            assertThat(ann.find("#room-title")).hasText("red");
            say(ben, "in blue");
            assertThat(room(ann, "blue").locator("b")).hasText("1 new");
            assertThat(ann.page()).hasTitle("(1) Chat · Sluice");
            assertThat(ann.find(".log:visible .message")).hasCount(0);
            room(ann, "blue").focus();
            ann.page().keyboard().press("Enter");
            assertThat(ann.find(".log:visible .message .text")).hasText("in blue");
            assertThat(ann.page()).hasTitle("Chat · Sluice");
            assertThat(room(ann, "blue")).isFocused();
            ann.find("#leave").click();
            assertThat(ben.find("#room-count")).hasText("1 person");
            assertThat(room(ann, "blue")).hasCount(0);
            ann.page().reload();
            assertThat(room(ann, "red")).isVisible();
        }
    }

    @Test
    void aBreakIsToldAndWhatWasMissedIsFetched() {
        try (CuttingProxy network = CuttingProxy.inFrontOf(server.url());
                Tab ann = enter(network.url(), "breaks", "Ann");
                Tab ben = enter(server.url(), "breaks", "Ben")) {
            say(ben, "one");
            assertThat(ann.find(".message .text")).hasText("one");
            network.down();
            assertThat(ann.find("#link[data-state=waiting]")).containsText("Connection lost.");
            assertThat(ann.find("#link-when")).hasText(Pattern.compile("Trying again in \\d+ s\\."));
            assertThat(ann.find("#link-spoken")).containsText("Trying again by itself");
            assertThat(ben.find("#room-count")).hasText("1 person");
            say(ann, "not sent");
            assertThat(ann.find(".message[data-status=failed] .fate"))
                    .containsText("Not sent. There is no connection.");
            say(ben, "two");
            say(ben, "three");
            assertThat(ben.find(".message[data-status=sent]")).hasCount(3);

            network.up();
            assertThat(ann.find("#link[data-state=connected]")).containsText("Connected again");
            assertThat(ann.find("#link-news")).hasText("2 messages that were missed are here.");
            assertThat(ann.find(".log > li")).containsText(new String[] {
                "one", "2 messages came while the connection was gone:", "two", "three", "not sent"
            });
            assertThat(ann.find("#room-count")).hasText("2 people");
            ann.find(".fate button").first().click();
            assertThat(ben.find(".message .text")).hasText(new String[] {"one", "two", "three", "not sent"});
            assertThat(ann.find(".message[data-status=failed]")).hasCount(0);
            assertThat(ann.find(".message .text")).hasText(new String[] {"one", "two", "three", "not sent"});
        }
    }

    @Test
    void aServerThatIsRestartedIsFoundAgainAndNothingIsMissed() {
        TestServer old = TestServer.demo(database).start();
        try (CuttingProxy network = CuttingProxy.inFrontOf(old.url());
                Tab ann = enter(network.url(), "restart", "Ann")) {
            say(ann, "before");
            assertThat(ann.find(".message[data-status=sent]")).hasCount(1);
            old.close();
            assertThat(ann.find("#link[data-state=waiting]")).isVisible();
            network.leadTo(server.url());
            assertThat(ann.find("#link-news")).hasText("Nothing was missed.");
            say(ann, "after");
            assertThat(ann.find(".message[data-status=sent] .text")).hasText(new String[] {"before", "after"});
            assertThat(ann.find(".mark")).hasCount(0);
        }
    }

    @Test
    void aHistoryThatIsGoneIsSaidToBe() {
        try (TestDatabase otherDatabase = TestDatabase.create();
                TestServer other = TestServer.demo(otherDatabase).start();
                CuttingProxy network = CuttingProxy.inFrontOf(server.url());
                Tab ann = enter(network.url(), "gone", "Ann");
                Tab ben = enter(other.url(), "gone", "Ben")) {
            say(ann, "there");
            assertThat(ann.find(".message[data-status=sent]")).hasCount(1);
            say(ben, "here");
            assertThat(ben.find(".message[data-status=sent]")).hasCount(1);
            network.leadTo(other.url());
            assertThat(ann.find("#link-news")).containsText("Not everything could be recovered in gone.");
            assertThat(ann.find(".log > li"))
                    .containsText(new String[] {"there", "Something may be missing here", "here"});
            assertThat(ann.find("#link")).hasAttribute("data-recovered", "false");
        }
    }

    @Test
    void whoSignsInIsCalledAsTheAccount() {
        try (Tab alice = enter(server.url(), "accounts", "Somebody");
                Tab ben = enter(server.url(), "accounts", "Ben")) {
            signIn(alice, "alice@example.com");
            assertThat(alice.find("#name")).isHidden();
            String name = alice.text("#who");
            assertThat(ben.find("#members bdi")).hasText(new String[] {"Ben", name});
            say(alice, "it is me");
            assertThat(ben.find(".message .by strong")).hasText(name);
            assertThat(ben.find(".message .by button")).hasCount(0);
            alice.find("#account").click();
            assertThat(ben.find("#members bdi")).hasText(new String[] {"Ben", "Somebody"});
            assertThat(alice.find(".message[data-mine] .text")).hasText("it is me");
            assertThat(alice.complaints()).isEmpty();
        }
    }

    @Test
    void anAdminTakesMessagesBackAndMutes() {
        try (Tab admin = enter(server.url(), "order", "Nobody");
                Tab ben = enter(server.url(), "order", "Ben")) {
            signIn(admin, "admin@example.com");
            assertThat(admin.find("#members li")).hasCount(2);
            say(ben, "regrettable");
            Locator delete = admin.find(".message .by button");
            delete.click();
            assertThat(delete).hasText("Delete for all?");
            delete.click();
            for (Tab tab : new Tab[] {admin, ben}) {
                assertThat(tab.find(".message[data-status=deleted] .text")).hasText("Taken back by an admin");
                assertThat(tab.find("#logs")).not().containsText("regrettable");
            }
            admin.find("#members button:visible").click();
            assertThat(admin.find("#muted bdi")).hasText("Ben");
            assertThat(admin.find("#members button:visible")).hasCount(0);
            say(ben, "let me speak");
            assertThat(ben.find(".message[data-status=failed] .fate")).containsText("You are muted in this room.");
            admin.page().reload();
            assertThat(admin.find("#muted bdi")).hasText("Ben");
            admin.find("#muted button").click();
            assertThat(admin.find("#muted")).isHidden();
            ben.find(".fate button").first().click();
            assertThat(admin.find(".message[data-status=sent] .text")).hasText("let me speak");
            assertThat(ben.find("#members button:visible, .by button")).hasCount(0);
            assertThat(admin.find("#refusal")).isHidden();
            assertThat(admin.complaints()).isEmpty();
        }
    }

    private static void signIn(Tab tab, String email) {
        tab.find("#account").click();
        tab.find(".account")
                .filter(new Locator.FilterOptions().setHasText(email))
                .click();
        tab.find("#sign-in [type=submit]").click();
        assertThat(tab.find("#account")).hasText("Sign out");
        assertThat(tab.find("#link[data-state=connected]")).isVisible();
    }

    @Test
    void withoutGuestsOneIsAskedToSignIn() {
        try (TestDatabase closedDatabase = TestDatabase.create();
                TestServer closed = TestServer.with(closedDatabase).start();
                Tab tab = chromium.open(closed.url()).visit("chat")) {
            assertThat(tab.find("#link[data-state=refused]")).containsText("Sign in to chat.");
            tab.find("#link-retry").click();
            assertThat(tab.find("#sign-in")).isVisible();
        }
    }

    @Test
    void aTextThatIsTooLongIsNotSentAndNotCut() {
        try (Tab ann = enter(server.url(), "long", "Ann")) {
            ann.find("#text").fill("😀".repeat(1999));
            assertThat(ann.find("#text-left")).hasText("1 character left");
            ann.find("#text").fill("😀".repeat(2001));
            assertThat(ann.find("#text-left")).hasText("1 character too many");
            assertThat(ann.find("#send")).isDisabled();
            ann.find("#text").press("Enter");
            assertThat(ann.find(".message")).hasCount(0);
            ann.find("#text").fill("😀".repeat(2000));
            ann.find("#text").press("Enter");
            assertThat(ann.find(".message[data-status=sent] .text")).hasText("😀".repeat(2000));
        }
    }

    @Test
    void theKeyboardAndAScreenReaderFindTheirWay() {
        try (Tab ann = enter(server.url(), "keys", "Ann")) {
            Locator log = ann.find(".log:visible");
            assertThat(log).hasAttribute("role", "log");
            assertThat(log).hasAttribute("aria-live", "polite");
            assertThat(log).hasAttribute("aria-label", "Messages in keys");
            assertThat(room(ann, "keys")).hasAttribute("aria-current", "true");
            ann.find("#text").focus();
            ann.page().keyboard().type("typed");
            ann.page().keyboard().press("Enter");
            assertThat(ann.find(".message[data-status=sent]")).hasCount(1);
            assertThat(ann.find("#text")).isFocused();
            assertThat(ann.find("#text")).hasValue("");
            ann.page().keyboard().press("Shift+Tab");
            assertThat(log).isFocused();
            assertThat(ann.page().getByLabel("Message", new Page.GetByLabelOptions().setExact(true)))
                    .hasId("text");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void aPhoneDoesNotScrollSideways(ColorScheme scheme) {
        Browser.NewContextOptions phone =
                new Browser.NewContextOptions().setViewportSize(390, 844).setColorScheme(scheme);
        String name = "W".repeat(50);
        try (Tab ann = enter(chromium.open(server.url(), phone), "phone-" + scheme, name)) {
            say(ann, "w".repeat(500));
            say(ann, "https://sluice.example/" + "path/".repeat(100));
            assertThat(ann.find(".message[data-status=sent]")).hasCount(2);
            assertThat(ann.find("#members bdi")).hasText(name);
            assertThat(ann.scrollsSideways()).isFalse();
            assertThat(ann.complaints()).isEmpty();
        }
    }

    /** A window of its own, as a guest of this name. */
    private static Tab enter(String url, String room, String name) {
        return enter(chromium.open(url), room, name);
    }

    private static Tab enter(Tab tab, String room, String name) {
        tab.visit("chat#" + room);
        tab.find("#name input").fill(name);
        tab.find("#name button").click();
        assertThat(tab.find("#link[data-state=connected]")).isVisible();
        assertThat(tab.find("#members li[data-own] bdi")).hasText(name);
        return tab;
    }

    /** Types a text, pressing something in place of its line breaks, and sends it. */
    private static void say(Tab tab, String text, String... lineBreak) {
        String[] lines = text.split("\n", -1);
        tab.find("#text").fill(lines[0]);
        Arrays.stream(lines).skip(1).forEach(line -> {
            tab.find("#text").press(lineBreak[0]);
            tab.find("#text").pressSequentially(line);
        });
        tab.find("#text").press("Enter");
    }

    private static Locator room(Tab tab, String name) {
        return tab.find("#rooms button").filter(new Locator.FilterOptions().setHasText(name));
    }
}
