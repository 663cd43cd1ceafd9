package dev.sluice.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the reference to the code; {@code mvn test -Dtest=SettingsReferenceTest -Dsluice.write-docs=true} writes it. */
class SettingsReferenceTest {
    private static final Path PAGE = Path.of("docs", "reference", "settings.md");

    @Test
    void thePageTellsWhatTheCodeKnows() throws IOException {
        if (Boolean.getBoolean("sluice.write-docs")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, SettingsHelp.markdown());
        }
        assertThat(PAGE).hasContent(SettingsHelp.markdown());
    }

    @Test
    void everySettingIsInTheHelpByTheNameOfItsOption() {
        assertThat(Settings.all())
                .isNotEmpty()
                .allSatisfy(setting -> assertThat(SettingsHelp.text()).contains("  " + setting.option()));
    }

    @Test
    void noTwoSettingsShareAName() {
        Set<String> names = new HashSet<>();
        for (Setting<?> setting : Settings.all()) {
            assertThat(names.add(setting.key())).as(setting.name()).isTrue();
            assertThat(setting.aliases()).as(setting.name()).allMatch(alias -> names.add(Setting.key(alias)));
        }
    }

    @Test
    void everyDefaultIsAValueThatMayBeGiven() {
        assertThat(Settings.all())
                .allSatisfy(setting -> assertThat((Object) setting.parser().apply(setting.defaultText()))
                        .isNotNull());
    }
}
