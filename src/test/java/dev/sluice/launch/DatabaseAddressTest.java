package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseAddressTest {
    @TempDir
    Path folder;

    @Test
    void reads_back_what_it_writes_for_its_owner_alone() throws IOException {
        Path file = folder.resolve("postgres.url");
        DatabaseAddress address = new DatabaseAddress("sluice", DatabaseAddress.newPassword(), 5433, "sluice");
        address.write(file);
        assertThat(DatabaseAddress.read(file)).contains(address);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        address.at(5434).write(file);
        assertThat(DatabaseAddress.read(file)).contains(address.at(5434));
    }

    @Test
    void takes_nothing_else_for_an_address() throws IOException {
        Path file = folder.resolve("postgres.url");
        assertThat(DatabaseAddress.read(file)).isEmpty();
        for (String text :
                new String[] {"", "postgresql://a:b@example.com/x", "postgresql://sluice:00@127.0.0.1:x/y"}) {
            Files.writeString(file, text);
            assertThat(DatabaseAddress.read(file)).as(text).isEmpty();
        }
    }

    @Test
    void says_nothing_of_its_password_where_it_may_be_logged() {
        DatabaseAddress address = new DatabaseAddress("sluice", "abc123", 5433, "sluice");
        assertThat(address.toString()).doesNotContain("abc123");
        assertThat(address.jdbcUrl()).doesNotContain("abc123");
        assertThat(address.url()).isEqualTo("postgresql://sluice:abc123@127.0.0.1:5433/sluice");
    }

    @Test
    void passwords_are_long_and_never_the_same() {
        assertThat(DatabaseAddress.newPassword()).matches("[0-9a-f]{40}").isNotEqualTo(DatabaseAddress.newPassword());
    }
}
