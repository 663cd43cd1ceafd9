package dev.sluice.settings;

import java.util.List;

/** Says what settings there are: for {@code --help}, and as docs/reference/settings.md. Stateless. */
public final class SettingsHelp {
    private SettingsHelp() {}

    /** The text of {@code --help}. */
    public static String text() {
        StringBuilder out = new StringBuilder("""
                Sluice: all the streaming a web application on PostgreSQL needs.

                  java -jar sluice.war [options]
                  java -jar sluice.war create-admin EMAIL [options]   makes an admin; reads the password from the
                                                                      terminal or standard input

                Each option is also an environment variable (--port: SLUICE_PORT), a line of the settings file and a
                Tomcat context parameter (sluice.port). The command line wins, then context parameters, then the
                environment, then the file.

                """);
        for (Setting<?> setting : all()) {
            out.append("  ").append(setting.option());
            if (!setting.standsAlone()) {
                out.append(' ').append(setting.form());
            }
            out.append(
                    setting.defaultText().isEmpty() || setting.standsAlone()
                            ? "\n"
                            : "   (" + setting.defaultText() + ")\n");
            out.append("      ").append(setting.purpose()).append('\n');
        }
        return out.append("  --help\n      This text.\n  --version\n      The version.\n")
                .toString();
    }

    /** The reference page, generated; a test holds the page to it. */
    public static String markdown() {
        StringBuilder out = new StringBuilder("""
                # Settings

                <!-- Generated from the settings; a test compares this page with them. -->

                Each setting is an option (`--export-concurrency 4`), an environment variable
                (`SLUICE_EXPORT_CONCURRENCY=4`), and a line of the settings file or a Tomcat context parameter
                (`sluice.export.concurrency=4`). The command line wins, then context parameters, then the environment,
                then the file. All limits hold for one node. Datasets and the namespaces of channels are declared in the
                settings file alone: see [Declare datasets](../how-to/datasets.md) and
                [Open channels](../how-to/channels.md).

                | setting | value | default | for |
                | --- | --- | --- | --- |
                """);
        for (Setting<?> setting : all()) {
            out.append("| `").append(setting.name()).append("` | ");
            out.append(setting.form().replace("|", "\\|")).append(" | ");
            out.append(setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "`");
            out.append(" | ").append(setting.purpose()).append(" |\n");
        }
        return out.toString();
    }

    private static List<Setting<?>> all() {
        return java.util.stream.Stream.concat(java.util.stream.Stream.of(SettingsSources.FILE), Settings.all().stream())
                .<Setting<?>>map(setting -> setting)
                .toList();
    }
}
