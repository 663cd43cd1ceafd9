package dev.sluice.settings;

import java.util.List;
import java.util.stream.Stream;

/**
 * All settings of Sluice, typed and checked. Immutable; made once, by the launcher and again by the application from
 * what the launcher (or a stock Tomcat) hands it.
 *
 * @param server where the server listens
 * @param state Sluice's own database
 * @param exported the database that is exported; its address is empty when it is the state's
 * @param demo the demo profile
 * @param auth sign-in and tokens
 * @param export limits of exports
 * @param realtime limits of live connections
 * @param channels limits and namespaces of channels
 * @param chat how much people may write
 * @param datasets the datasets that a settings file declares
 */
public record Settings(
        ServerSettings server,
        DatabaseSettings state,
        DatabaseSettings exported,
        DemoSettings demo,
        AuthSettings auth,
        ExportSettings export,
        RealtimeSettings realtime,
        ChannelSettings channels,
        ChatSettings chat,
        List<DatasetSettings> datasets) {
    /** Every setting, in the order of the reference. */
    public static List<Setting<?>> all() {
        return Stream.of(
                        ServerSettings.ALL,
                        DatabaseSettings.ALL,
                        DemoSettings.ALL,
                        AuthSettings.ALL,
                        ExportSettings.ALL,
                        RealtimeSettings.ALL,
                        ChannelSettings.ALL,
                        ChatSettings.ALL)
                .<Setting<?>>flatMap(List::stream)
                .toList();
    }

    /**
     * Reads and checks all settings.
     *
     * @throws InvalidSettings naming everything that is wrong
     */
    public static Settings read(SettingsSources sources) {
        SettingsReader in = new SettingsReader(sources.given());
        sources.errors().forEach(in::error);
        Settings settings = read(in, sources);
        List<String> errors = in.errors();
        if (!errors.isEmpty()) {
            throw new InvalidSettings(errors);
        }
        return settings;
    }

    private static Settings read(SettingsReader in, SettingsSources sources) {
        in.get(SettingsSources.FILE);
        ServerSettings server = ServerSettings.read(in);
        DatabaseSettings state = DatabaseSettings.readState(in);
        ExportSettings export = ExportSettings.read(in);
        DatabaseSettings exported = DatabaseSettings.readExport(in, export.concurrency());
        DemoSettings demo =
                DemoSettings.read(in, sources.embedsDatabase(state.url().isPresent()));
        AuthSettings auth = AuthSettings.read(in);
        RealtimeSettings realtime = RealtimeSettings.read(in);
        ChannelSettings channels = ChannelSettings.read(in, sources.namespaces(), demo.enabled());
        ChatSettings chat = ChatSettings.read(in);
        List<DatasetSettings> datasets = new DatasetReader(in).read(sources.datasets());
        if (export.rlsRole().isEmpty() && datasets.stream().anyMatch(DatasetSettings::rls)) {
            in.error("export.rls-role: required by datasets with rls=true; it is the role their statements run under");
        }
        if (demo.enabled() && !server.loopback()) {
            in.error("host: the demo opens its data to anybody and listens on loopback addresses only, not on "
                    + server.host() + "; use --no-demo or a database of your own");
        }
        return new Settings(server, state, exported, demo, auth, export, realtime, channels, chat, datasets);
    }
}
