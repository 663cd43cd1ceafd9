package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.TestDatabase;
import java.io.File;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The web application where somebody else than the launcher starts it. */
class StockContextIT {
    @TempDir
    File folder;

    private final Tomcat tomcat = new Tomcat();
    private final TestDatabase database = TestDatabase.create();

    @AfterEach
    void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        database.close();
    }

    @Test
    void a_context_parameter_does_not_make_a_demo_of_any_database() throws Exception {
        Context context = context();
        context.addParameter("sluice.embedded-database", "true");
        tomcat.start();
        assertThat(context.getState()).isNotEqualTo(LifecycleState.STARTED);
        assertThat(schemas()).doesNotContain("demo", "sluice");
    }

    @Test
    void without_it_the_application_starts_and_there_is_no_demo() throws Exception {
        Context context = context();
        tomcat.start();
        assertThat(context.getState()).isEqualTo(LifecycleState.STARTED);
        assertThat(schemas()).contains("sluice").doesNotContain("demo");
    }

    /** From the exploded WAR, so that the application has its own classes, as in any Tomcat. */
    private Context context() {
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.setAddDefaultWebXmlToWebapp(false);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Path root =
                Path.of(System.getProperty("sluice.exploded", "target/sluice")).toAbsolutePath();
        Context context = tomcat.addWebapp("", root.toString());
        context.addParameter("sluice.database-url", database.jdbcUrl());
        context.addParameter("sluice.database-user", database.user());
        context.addParameter("sluice.database-password", database.password());
        return context;
    }

    private String schemas() throws Exception {
        try (var connection = database.connect();
                var rows = connection
                        .createStatement()
                        .executeQuery("SELECT string_agg(nspname, ' ') FROM pg_namespace")) {
            rows.next();
            return rows.getString(1);
        }
    }
}
