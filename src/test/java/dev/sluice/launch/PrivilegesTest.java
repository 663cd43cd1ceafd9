package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.launch.Privileges.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivilegesTest {
    @ParameterizedTest
    @CsvSource({"rwx------,rwx--x--x", "rwxrwx---,rwxrwx--x", "rwxr-xr-x,rwxr-xr-x", "rwx---r--,rwx--xr-x"})
    void a_folder_that_the_programs_pass_through_keeps_the_rest_of_its_mode(String before, String after)
            throws IOException {
        assumeTrue(isRoot(), "only root runs the programs as somebody else");
        // Not below JUnit's folder, through which nobody but its owner may pass.
        Path folder = Files.createTempDirectory("sluice-privileges");
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(before));
            Privileges.forRoot(folder.resolve("postgres"), Way.OTHER_USER).letThrough(folder);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                    .isEqualTo(after);
        } finally {
            Files.delete(folder);
        }
    }

    private static boolean isRoot() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0);
    }
}
