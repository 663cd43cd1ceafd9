package dev.sluice.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Pages as others write them for their own servers: their address is changed, and nothing else. Stateless. */
final class ExamplePage {
    private ExamplePage() {}

    /** @param address what stands in the page, and is to be there */
    static String read(String name, String address, String other) throws IOException {
        try (InputStream file = ExamplePage.class.getResourceAsStream("/seeds/" + name)) {
            assertThat(file).isNotNull();
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(text).contains(address);
            return text.replace(address, other);
        }
    }
}
