package dev.sluice.launch;

import dev.sluice.launch.Command.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How PostgreSQL's programs are run. They refuse to run as root, so root runs them in a user namespace, where they have
 * no privilege and still own the files; where that is forbidden (many containers), as the user that owns the data, or
 * nobody. Immutable.
 */
final class Privileges {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int NOBODY = 65534;

    /** How root may run them. */
    enum Way {
        NAMESPACE,
        OTHER_USER,
        NONE
    }

    private final List<String> prefix;
    private final int owner;

    private Privileges(List<String> prefix, int owner) {
        this.prefix = prefix;
        this.owner = owner;
    }

    /** For the programs that work on this data folder, which may not exist yet. */
    static Privileges forData(Path data) {
        return userId(Path.of("/proc/self")) == 0 ? forRoot(data, wayOfRoot()) : new Privileges(List.of(), -1);
    }

    static Privileges forRoot(Path data, Way way) {
        int owner = Files.exists(data) ? userId(data) : 0;
        if (owner > 0 && way != Way.NONE) {
            return asUser(owner);
        }
        return switch (way) {
            case NAMESPACE -> new Privileges(List.of("unshare", "-U"), -1);
            case OTHER_USER -> asUser(NOBODY);
            case NONE ->
                throw new StartFailure("PostgreSQL refuses to run as root, and neither unshare -U nor setpriv works"
                        + " here: start Sluice as another user, or give it a database with --database-url");
        };
    }

    /** The command, so that it runs without privileges and apart from the terminal's Ctrl-C. */
    List<String> wrap(List<String> command) {
        List<String> all = new ArrayList<>(session());
        all.addAll(prefix);
        all.addAll(command);
        return all;
    }

    Result run(List<String> command, String input, Duration limit) {
        return Command.run(wrap(command), input, limit);
    }

    /** Makes the file or folder, and all in it, accessible to the programs. */
    void giveTo(Path path) {
        if (owner >= 0 && userId(path) != owner) {
            require(Command.run(List.of("chown", "-R", owner + ":" + owner, path.toString()), "", LIMIT), path);
        }
    }

    /** Lets the programs pass through the folder to what is theirs; whatever else its mode allows stays. */
    void letThrough(Path folder) throws IOException {
        if (owner >= 0) {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
            mode.addAll(Set.of(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE));
            Files.setPosixFilePermissions(folder, mode);
            require(run(List.of("test", "-x", folder.toString()), "", LIMIT), folder);
        }
    }

    private void require(Result result, Path path) {
        if (!result.succeeded()) {
            throw new StartFailure("PostgreSQL must run as user " + owner + " here, who cannot reach " + path
                    + ": choose a folder that everybody may pass through with --data");
        }
    }

    private static Privileges asUser(int id) {
        return new Privileges(List.of("setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"), id);
    }

    private static Way wayOfRoot() {
        if (works(List.of("unshare", "-U", "true"))) {
            return Way.NAMESPACE;
        }
        return works(asUser(NOBODY).wrap(List.of("true"))) ? Way.OTHER_USER : Way.NONE;
    }

    private static boolean works(List<String> command) {
        return Command.run(command, "", LIMIT).succeeded();
    }

    /** A session of its own, where the system has a program for it: Ctrl-C must reach Sluice alone. */
    private static List<String> session() {
        return Files.isExecutable(Path.of("/usr/bin/setsid")) ? List.of("/usr/bin/setsid") : List.of();
    }

    private static int userId(Path path) {
        try {
            return (Integer) Files.getAttribute(path, "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            return "root".equals(System.getProperty("user.name")) ? 0 : -1;
        }
    }
}
