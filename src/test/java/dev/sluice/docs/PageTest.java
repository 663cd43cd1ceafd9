package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.ErrorCode;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be said of the pages without a server. */
class PageTest {
    private static final int README_LINES = 150;
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:\\s]+)(?:#[^)]*)?\\)");

    static List<Page> pages() {
        return Page.all();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void every_mark_stands_directly_above_a_block_of_commands(Page page) {
        assertThat(page.blocks("sh").stream().filter(block -> block.mark().isPresent()))
                .as("marks of %s that belong to a block", page.file())
                .hasSize((int) page.marks());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void every_link_leads_to_a_file(Page page) {
        assertThat(LINK.matcher(String.join("\n", page.lines())).results().map(MatchResult::group))
                .as(page.file().toString())
                .allMatch(link -> Files.exists(
                        page.file().resolveSibling(LINK.matcher(link).replaceAll("$1"))));
    }

    @Test
    void every_page_is_linked_from_the_readme_or_the_list_of_decisions() {
        String links = String.join("\n", Page.read(Path.of("README.md")).lines())
                + String.join("\n", Page.read(Path.of("docs/adr/README.md")).lines());
        assertThat(pages())
                .extracting(page -> page.file().getFileName().toString())
                .filteredOn(name -> !name.equals("README.md"))
                .allMatch(links::contains);
    }

    @Test
    void the_readme_is_read_in_one_go() {
        assertThat(Page.read(Path.of("README.md")).lines()).hasSizeLessThanOrEqualTo(README_LINES);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void the_settings_of_a_page_are_settings_that_sluice_takes(Page page) throws IOException {
        Properties properties = new Properties();
        for (Page.Block block : page.blocks("properties")) {
            properties.load(new StringReader(block.text()));
        }
        Map<String, String> parameters = properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty));
        assertThat(Settings.read(SettingsSources.ofContext(parameters, Map.of())))
                .as(page.file().toString())
                .isNotNull();
    }

    @Test
    void the_table_of_errors_is_the_catalogue_of_errors() {
        assertThat(Page.read(Path.of("docs/reference/http.md")).table("code"))
                .extracting(row -> row.substring(0, row.lastIndexOf('|', row.length() - 2) + 1))
                .containsExactlyElementsOf(Arrays.stream(ErrorCode.values())
                        .map(error -> "| `%s` | %d | %s |".formatted(error.code(), error.status(), error.title()))
                        .toList());
    }

    @Test
    void a_mark_that_stands_alone_is_found() {
        Page page = Page.of(Path.of("x.md"), List.of("<!-- not run: why -->", "", "```sh", "true", "```"));
        assertThat(page.marks()).isEqualTo(1);
        assertThat(page.blocks("sh")).singleElement().matches(Page.Block::isRun);
    }
}
