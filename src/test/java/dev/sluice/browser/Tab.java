package dev.sluice.browser;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/**
 * A page as a reader has it, with what the browser complains about: errors of scripts, requests that fail, and whatever
 * the Content-Security-Policy refuses. Used by one thread.
 */
final class Tab implements AutoCloseable {
    /** The picker cannot be driven; a file of the page's own, written through the same interface, takes its place. */
    private static final String PICKER = """
            window.showSaveFilePicker = async ({ suggestedName }) =>
                (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
            """;

    private static final String FILE = """
            async name => {
                const folder = await navigator.storage.getDirectory();
                for await (const entry of folder.keys()) {
                    if (entry === name) return (await (await folder.getFileHandle(name)).getFile()).text();
                }
                return null;
            }
            """;

    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();

    Tab(BrowserContext context) {
        this.context = context;
        this.page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.text());
            }
        });
    }

    Page page() {
        return page;
    }

    Locator find(String selector) {
        return page.locator(selector);
    }

    String text(String selector) {
        return find(selector).innerText();
    }

    /** Lets the page write straight to disk from its next load on. */
    Tab withFiles() {
        page.addInitScript(PICKER);
        return this;
    }

    /** As in a browser that cannot. */
    Tab withoutFiles() {
        page.addInitScript("window.showSaveFilePicker = undefined;");
        return this;
    }

    Tab visit(String path) {
        page.navigate(path);
        return this;
    }

    /**
     * Shows a page of the test's own at the server's address. One that the browser did not get from there would be of no
     * known network, and browsers keep such from the sockets of loopback addresses.
     */
    Tab write(String html) {
        page.navigate("health/live");
        page.setContent(html);
        return this;
    }

    boolean hasFile(String name) {
        return page.evaluate(FILE, name) != null;
    }

    /** What the page wrote to disk. */
    String file(String name) {
        return String.valueOf(page.evaluate(FILE, name));
    }

    boolean scrollsSideways() {
        return (Boolean) page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
    }

    List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() {
        context.close();
    }
}
