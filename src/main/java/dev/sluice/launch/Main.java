package dev.sluice.launch;

import dev.sluice.settings.InvalidSettings;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsHelp;
import dev.sluice.settings.SettingsSources;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.Manifest;

/**
 * {@code java -jar sluice.war}. Knows the JDK and the settings only; everything else is loaded from the unpacked WAR, by
 * a class loader of its own.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler(Main::died);
        int exitCode = run(Arrays.asList(arguments), System.getenv());
        System.out.flush();
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    /** A server that lost a thread of its container to a full heap would live on and answer nobody. */
    private static void died(Thread thread, Throwable error) {
        System.err.println("Thread " + thread.getName() + " died: " + error);
        if (error instanceof OutOfMemoryError) {
            Runtime.getRuntime().halt(1);
        }
    }

    private static int run(List<String> arguments, Map<String, String> environment) {
        try {
            Path home = WebArchive.home();
            if (arguments.contains("--help")) {
                System.out.print(SettingsHelp.text());
                return 0;
            }
            if (arguments.contains("--version")) {
                System.out.println("Sluice " + version(home));
                return 0;
            }
            return start(home, arguments, environment);
        } catch (InvalidSettings e) {
            e.errors().forEach(System.err::println);
        } catch (StartFailure e) {
            System.err.println(e.getMessage());
        } catch (IOException e) {
            System.err.println("Sluice cannot be unpacked: " + e);
        } catch (ReflectiveOperationException e) {
            System.err.println(trace(e));
        }
        return 1;
    }

    private static int start(Path home, List<String> arguments, Map<String, String> environment)
            throws IOException, ReflectiveOperationException {
        boolean admin = !arguments.isEmpty() && arguments.get(0).equals("create-admin");
        SettingsSources sources =
                SettingsSources.ofCommandLine(admin ? withoutEmail(arguments) : arguments, environment);
        Settings settings = Settings.read(sources);
        DataFolder data = DataFolder.prepare(settings.server().data());
        Path root = WebArchive.unpack(home, data.resolve("app"));
        ClassLoader loader = WebArchive.loader(root);
        Thread.currentThread().setContextClassLoader(loader);
        List<String> command = new ArrayList<>();
        command.add(admin ? "create-admin" : "run");
        command.addAll(admin ? arguments.subList(1, 2) : List.of());
        return (Integer) loader.loadClass("dev.sluice.launch.Launcher")
                .getMethod("execute", Path.class, List.class, Map.class)
                .invoke(null, root, command, sources.asContextParameters());
    }

    /** For a fault of Sluice's own: what a report needs. */
    private static String trace(Exception e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** The options of {@code create-admin EMAIL [options]}. */
    private static List<String> withoutEmail(List<String> arguments) {
        if (arguments.size() < 2 || arguments.get(1).startsWith("--")) {
            throw new StartFailure("create-admin: expected an e-mail address after it; --help shows how");
        }
        return arguments.subList(2, arguments.size());
    }

    private static String version(Path home) throws IOException {
        try (InputStream in = Main.class.getResourceAsStream("/META-INF/MANIFEST.MF")) {
            String version = in == null || Files.isDirectory(home)
                    ? null
                    : new Manifest(in).getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
            return version == null ? "(development)" : version;
        }
    }
}
