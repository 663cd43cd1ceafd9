package dev.sluice.settings;

import dev.sluice.settings.SettingsReader.Given;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from. The first that names a setting wins: the command line, Tomcat's context parameters, the
 * environment, the settings file. Built and read by one thread.
 */
public final class SettingsSources {
    /** The launcher's word, as a context parameter, that the state database is its own. No setting: nobody else has it. */
    public static final String EMBEDDED_DATABASE = "sluice.embedded-database";

    static final Setting<Optional<String>> FILE =
            Values.optional("settings", "file", "A file of settings, as sluice.port=8080 lines in UTF-8.");

    private final Map<String, Given> given = new LinkedHashMap<>();
    private final Map<String, String> datasets = new TreeMap<>();
    private final Map<String, String> namespaces = new TreeMap<>();
    private final List<String> errors = new ArrayList<>();
    private final boolean launched;
    private boolean embeddedDatabase;

    private SettingsSources(boolean launched) {
        this.launched = launched;
    }

    /**
     * What a {@code java -jar} was given: its options and environment, then the settings file they name.
     *
     * @param arguments the command line without its command
     * @param environment the environment; names that begin with {@code SLUICE_} and are settings are read
     */
    public static SettingsSources ofCommandLine(List<String> arguments, Map<String, String> environment) {
        SettingsSources sources = new SettingsSources(true);
        sources.addArguments(arguments);
        sources.addEnvironment(environment);
        sources.addFile();
        return sources;
    }

    /**
     * What a web application in a stock Tomcat was given: context parameters, then the environment, then the file they
     * name.
     */
    public static SettingsSources ofContext(Map<String, String> parameters, Map<String, String> environment) {
        return ofParameters(false, parameters, environment);
    }

    /** The same from the launcher, who may say that the state database is its own ({@link #EMBEDDED_DATABASE}). */
    public static SettingsSources ofLauncher(Map<String, String> parameters, Map<String, String> environment) {
        return ofParameters(true, parameters, environment);
    }

    private static SettingsSources ofParameters(
            boolean launched, Map<String, String> parameters, Map<String, String> environment) {
        SettingsSources sources = new SettingsSources(launched);
        Map<String, String> given = new HashMap<>(parameters);
        if (launched && given.remove(EMBEDDED_DATABASE) != null) {
            sources.embeddedDatabase = true;
        }
        sources.addProperties(given);
        sources.addEnvironment(environment);
        sources.addFile();
        return sources;
    }

    /** All that was given explicitly, as context parameters that give the same settings again. */
    public Map<String, String> asContextParameters() {
        Map<String, String> parameters = new LinkedHashMap<>(datasets);
        parameters.putAll(namespaces);
        given.forEach((key, value) -> parameters.put("sluice." + key, value.text()));
        parameters.remove("sluice." + FILE.key());
        return parameters;
    }

    /**
     * Whether Sluice's state is in a PostgreSQL of the launcher's own.
     *
     * @param databaseGiven whether the settings name a state database
     */
    boolean embedsDatabase(boolean databaseGiven) {
        return launched && (embeddedDatabase || !databaseGiven);
    }

    Map<String, Given> given() {
        return given;
    }

    Map<String, String> datasets() {
        return datasets;
    }

    Map<String, String> namespaces() {
        return namespaces;
    }

    List<String> errors() {
        return errors;
    }

    private void addArguments(List<String> arguments) {
        Map<String, Setting<?>> settings = byKey();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--")) {
                errors.add(argument + ": expected an option that begins with --; --help lists them all");
                continue;
            }
            int equals = argument.indexOf('=');
            String option = equals < 0 ? argument : argument.substring(0, equals);
            Setting<?> setting = settings.get(Setting.key(option.substring(2)));
            String value = equals < 0 ? null : argument.substring(equals + 1);
            if (value == null && takesValue(setting) && i + 1 < arguments.size()) {
                value = arguments.get(++i);
            }
            addArgument(option, setting, value);
        }
    }

    private void addArgument(String option, @Nullable Setting<?> setting, @Nullable String value) {
        if (setting == null) {
            errors.add(option + ": there is no such option; --help lists them all");
        } else if (value == null && takesValue(setting)) {
            errors.add(option + ": expected a value after it (" + setting.form() + ")");
        } else {
            given.put(Setting.key(option.substring(2)), new Given(value == null ? "true" : value, option));
        }
    }

    private static boolean takesValue(@Nullable Setting<?> setting) {
        return setting != null && !setting.standsAlone();
    }

    private void addEnvironment(Map<String, String> environment) {
        for (String key : byKey().keySet()) {
            String variable = "SLUICE_" + key.replace('-', '_').toUpperCase(java.util.Locale.ROOT);
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                given.putIfAbsent(key, new Given(value, variable));
            }
        }
    }

    private void addFile() {
        Given file = given.get(FILE.key());
        if (file == null) {
            return;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file.text()), StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            errors.add(file.spelling() + ": cannot read the settings file " + file.text() + " (" + e + ")");
        }
        Set<String> names = properties.stringPropertyNames();
        addProperties(names.stream().collect(Collectors.toMap(name -> name, properties::getProperty)));
        names.stream()
                .filter(name -> !name.startsWith("sluice."))
                .forEach(name -> errors.add(name + ": names in a settings file begin with sluice."));
    }

    private void addProperties(Map<String, String> properties) {
        new TreeMap<>(properties).forEach((name, value) -> {
            if (name.startsWith(DatasetReader.PREFIX)) {
                datasets.putIfAbsent(name, value);
            } else if (name.startsWith(NamespaceReader.PREFIX)) {
                namespaces.putIfAbsent(name, value);
            } else if (name.startsWith("sluice.")) {
                given.putIfAbsent(Setting.key(name.substring("sluice.".length())), new Given(value, name));
            }
        });
    }

    private static Map<String, Setting<?>> byKey() {
        Map<String, Setting<?>> settings = new LinkedHashMap<>();
        for (Setting<?> setting : Settings.all()) {
            settings.put(setting.key(), setting);
            setting.aliases().forEach(alias -> settings.put(Setting.key(alias), setting));
        }
        settings.put(FILE.key(), FILE);
        return settings;
    }
}
