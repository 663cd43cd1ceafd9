package dev.sluice.launch;

import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code create-admin EMAIL}: makes an admin in the state database, without a web server. Uses the embedded database of
 * a Sluice that runs on the data folder, or starts it meanwhile. The application's own class does the work. Stateless.
 */
final class CreateAdminCommand {
    private static final String WORKER = "dev.sluice.app.CreateAdmin";

    private CreateAdminCommand() {}

    /**
     * Makes the admin.
     *
     * @throws StartFailure with the line for the user, when it cannot
     */
    static void run(Path root, String email, Map<String, String> parameters) {
        Settings settings = Settings.read(SettingsSources.ofLauncher(parameters, Map.of()));
        char[] password = readPassword(email);
        try {
            if (settings.state().url().isPresent()) {
                work(root, parameters, email, password);
            } else {
                workEmbedded(
                        root,
                        parameters,
                        email,
                        password,
                        DataFolder.prepare(settings.server().data()));
            }
            System.out.println(email + " is an admin");
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static void workEmbedded(
            Path root, Map<String, String> parameters, String email, char[] password, DataFolder data) {
        Map<String, String> all = new HashMap<>(parameters);
        Optional<StateDatabase> started = StateDatabase.tryStart(data);
        try {
            all.putAll(started.map(StateDatabase::parameters)
                    .orElseGet(() -> StateDatabase.parameters(addressOfRunning(data))));
            work(root, all, email, password);
        } finally {
            started.ifPresent(StateDatabase::close);
        }
    }

    private static DatabaseAddress addressOfRunning(DataFolder data) {
        try {
            return DatabaseAddress.read(data.resolve("postgres.url")).orElseThrow();
        } catch (IOException | java.util.NoSuchElementException e) {
            throw new StartFailure(
                    "Another Sluice runs on " + data.path() + ", and its postgres.url cannot be read", e);
        }
    }

    private static void work(Path root, Map<String, String> parameters, String email, char[] password) {
        try (URLClassLoader loader = applicationLoader(root)) {
            Thread.currentThread().setContextClassLoader(loader);
            call(loader, parameters, email, password);
        } catch (IOException | ReflectiveOperationException e) {
            throw new StartFailure("The web application cannot be loaded: " + e, e);
        }
    }

    /** While the loader is open: a failure may have to load classes to say what it is. */
    private static void call(ClassLoader loader, Map<String, String> parameters, String email, char[] password)
            throws ReflectiveOperationException {
        try {
            loader.loadClass(WORKER)
                    .getMethod("run", Map.class, String.class, char[].class)
                    .invoke(null, parameters, email, password);
        } catch (InvocationTargetException e) {
            throw StartFailure.of(e.getCause() == null ? e : e.getCause());
        }
    }

    private static URLClassLoader applicationLoader(Path root) throws IOException {
        List<URL> urls =
                new ArrayList<>(List.of(root.resolve("WEB-INF/classes").toUri().toURL()));
        try (Stream<Path> jars = Files.list(root.resolve("WEB-INF/lib"))) {
            for (Path jar : jars.sorted().toList()) {
                urls.add(jar.toUri().toURL());
            }
        }
        return new URLClassLoader("sluice-app", urls.toArray(URL[]::new), CreateAdminCommand.class.getClassLoader());
    }

    private static char[] readPassword(String email) {
        Console console = terminal();
        try {
            char[] password = console == null ? readLine() : console.readPassword("Password for %s: ", email);
            if (password == null || password.length == 0) {
                throw new StartFailure("create-admin: expected the password on the first line of standard input");
            }
            return password;
        } catch (IOException e) {
            throw new StartFailure("create-admin: standard input cannot be read: " + e.getMessage(), e);
        }
    }

    /** The terminal, if there is one: since Java 22 there may be a console without. */
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable Console terminal() {
        Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console)) ? console : null;
        } catch (ReflectiveOperationException e) {
            return console;
        }
    }

    private static char[] readLine() throws IOException {
        String line = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        return line == null ? new char[0] : line.toCharArray();
    }
}
