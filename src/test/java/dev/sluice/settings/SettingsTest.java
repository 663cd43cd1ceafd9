package dev.sluice.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir
    Path folder;

    @Test
    void everyDefaultIsReadableAndTheDemoIsOn() {
        Settings settings = read(List.of(), Map.of());

        assertThat(settings.server().port()).isEqualTo(8080);
        assertThat(settings.server().host()).isEqualTo("127.0.0.1");
        assertThat(settings.demo().enabled()).isTrue();
        assertThat(settings.demo().rows()).isEqualTo(100_000);
        assertThat(settings.export().concurrency()).isEqualTo(8);
        assertThat(settings.export().perCaller()).isEqualTo(2);
        assertThat(settings.export().queueTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.export().firstRowTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.export().stallTimeout()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
        Path file = file("sluice.port=1\nsluice.host=localhost\nsluice.export.concurrency=3\n");

        Settings settings = read(
                List.of("--port", "3", "--settings=" + file), Map.of("SLUICE_PORT", "2", "SLUICE_HOST", "127.0.0.2"));

        assertThat(settings.server().port()).isEqualTo(3);
        assertThat(settings.server().host()).isEqualTo("127.0.0.2");
        assertThat(settings.export().concurrency()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "null",
                "example.com",
                "https://app.example/",
                "https://app.example/path",
                "https://App.example",
                "https://*.example",
                "https://app.example:443",
                "http://app.example:80",
                "https://user@app.example",
                "https://ok.example,https://app.example;https://b.example"
            })
    void anOriginThatNoBrowserSendsIsRefused(String origins) {
        InvalidSettings errors =
                catchThrowableOfType(InvalidSettings.class, () -> read(List.of("--cors-origins", origins), Map.of()));

        assertThat(errors.errors())
                .singleElement()
                .asString()
                .startsWith("--cors-origins: expected origins as browsers send them, https://app.example")
                .endsWith("; not " + origins.substring(origins.indexOf(',') + 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy.example", "10.0.0.0/8", "10.0.0.256", "10.0.0", "::1%lo", "1:2", "*"})
    void aProxyThatIsNoAddressIsRefused(String proxy) {
        InvalidSettings errors = catchThrowableOfType(
                InvalidSettings.class, () -> read(List.of("--trusted-proxies", "10.0.0.1," + proxy), Map.of()));

        assertThat(errors.errors())
                .containsExactly(
                        "--trusted-proxies: expected IP addresses, each in full, no names and no networks; not "
                                + proxy);
    }

    @Test
    void proxiesAreReadAsTheContainerTellsThem() {
        String proxies = "10.0.0.1, ::1,2001:DB8::7,::ffff:10.0.0.2";

        assertThat(read(List.of("--trusted-proxies", proxies), Map.of())
                        .server()
                        .trustedProxies())
                .containsExactly("10.0.0.1", "0:0:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:7", "10.0.0.2");
    }

    @Test
    void originsAreReadAsBrowsersSendThem() {
        String origins = "https://app.example, http://localhost:3000,http://[::1]:8080,capacitor://localhost";

        assertThat(read(List.of("--cors-origins", origins), Map.of()).server().corsOrigins())
                .containsExactly(
                        "https://app.example", "http://localhost:3000", "http://[::1]:8080", "capacitor://localhost");
        assertThat(read(List.of("--cors-origins="), Map.of()).server().corsOrigins())
                .isEmpty();
    }

    @Test
    void allErrorsAreToldAtOnce() throws IOException {
        Path file = file("sluice.export.stall-timeout=soon\nsluice.prot=1\nport=2\n"
                + "sluice.dataset.a.table=t\nsluice.dataset.a.sql=select\nsluice.dataset.b.colour=red\n"
                + "sluice.dataset.c.table=t\nsluice.dataset.c.rls=true\n");

        InvalidSettings errors = catchThrowableOfType(
                InvalidSettings.class,
                () -> read(
                        List.of("--port", "70000", "--colour", "red", "--settings", file.toString(), "--host"),
                        Map.of("SLUICE_DEMO_ROWS", "many")));

        assertThat(errors.errors())
                .anyMatch(e -> e.equals("--port: expected a whole number from 0 to 65535"))
                .anyMatch(e -> e.startsWith("--colour: there is no such option"))
                .anyMatch(e -> e.startsWith("red: expected an option"))
                .anyMatch(e -> e.startsWith("--host: expected a value"))
                .anyMatch(e -> e.startsWith("SLUICE_DEMO_ROWS: expected a whole number"))
                .anyMatch(e -> e.startsWith("sluice.export.stall-timeout: expected a time"))
                .anyMatch(e -> e.startsWith("sluice.prot: there is no such setting"))
                .anyMatch(e -> e.startsWith("port: names in a settings file begin with sluice."))
                .anyMatch(e -> e.startsWith("sluice.dataset.a: exactly one of"))
                .anyMatch(e -> e.startsWith("sluice.dataset.b.colour: expected"))
                .anyMatch(e -> e.startsWith("export.rls-role: required"))
                .hasSizeGreaterThanOrEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://keys.example/", "http://127.0.0.1.example/", "ftp://127.0.0.1/", "https://a b/"})
    void keysThatAnybodyOnTheWayCouldChangeAreRefused(String jwks) {
        InvalidSettings errors = catchThrowableOfType(
                InvalidSettings.class, () -> read(List.of("--auth.jwks", jwks, "--auth.issuer", "i"), Map.of()));

        assertThat(errors.errors()).singleElement().asString().startsWith("auth.jwks: expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://keys.example/jwks", "http://127.0.0.1:9/", "http://[::1]/", "./keys.json", "/k"})
    void keysFromHttpsFromThisMachineOrFromAFileAreTrusted(String jwks) {
        Settings settings = read(List.of("--auth.jwks", jwks, "--auth.issuer", "i"), Map.of());

        assertThat(settings.auth().jwks()).contains(jwks);
    }

    @Test
    void theDemoRefusesToListenToTheWorld() {
        InvalidSettings errors =
                catchThrowableOfType(InvalidSettings.class, () -> read(List.of("--host", "0.0.0.0"), Map.of()));

        assertThat(errors.errors()).singleElement().asString().contains("loopback", "--no-demo");
        assertThat(read(List.of("--host", "0.0.0.0", "--no-demo"), Map.of())
                        .demo()
                        .enabled())
                .isFalse();
    }

    @Test
    void aDatabaseOfOnesOwnSwitchesTheDemoOff() {
        Settings settings = read(List.of("--database-url", "jdbc:postgresql://h/d"), Map.of());

        assertThat(settings.demo().enabled()).isFalse();
        assertThat(settings.state().url()).contains("jdbc:postgresql://h/d");
    }

    @Test
    void onlyTheLauncherCanSayThatTheDatabaseIsItsOwn() throws IOException {
        Map<String, String> parameters =
                Map.of("sluice.database-url", "jdbc:postgresql://h/d", "sluice.embedded-database", "true");
        assertThat(Settings.read(SettingsSources.ofLauncher(parameters, Map.of()))
                        .demo()
                        .enabled())
                .isTrue();

        InvalidSettings inTomcat = catchThrowableOfType(
                InvalidSettings.class, () -> Settings.read(SettingsSources.ofContext(parameters, Map.of())));
        assertThat(inTomcat.errors())
                .singleElement()
                .asString()
                .startsWith("sluice.embedded-database: there is no such setting");

        Path file = file("sluice.embedded-database=true\nsluice.database-url=jdbc:postgresql://h/d\n");
        InvalidSettings inFile = catchThrowableOfType(
                InvalidSettings.class, () -> read(List.of("--settings", file.toString()), Map.of()));
        assertThat(inFile.errors()).singleElement().asString().startsWith("sluice.embedded-database: there is no");
    }

    @Test
    void aStockTomcatHasNoDemoWhereverItListens() {
        for (Map<String, String> parameters :
                List.of(Map.<String, String>of(), Map.of("sluice.database-url", "jdbc:postgresql://h/d"))) {
            Settings settings = Settings.read(SettingsSources.ofContext(parameters, Map.of("SLUICE_HOST", "0.0.0.0")));
            assertThat(settings.demo().enabled()).isFalse();
        }
    }

    @Test
    void datasetsAreReadFromTheFileAlsoWithDotsInTheirNames() throws IOException {
        Path file = file("""
                sluice.dataset.x.csv.table=shop.orders
                sluice.dataset.x.csv.columns=id, created_at as createdAt
                sluice.dataset.x.csv.key=created_at, id
                sluice.dataset.x.csv.read=public
                sluice.dataset.sales.sql=select * from shop.sales where region = :region
                sluice.dataset.sales.parameters=region text, since timestamp with time zone = 2020-01-01
                sluice.dataset.sales.read=role:sales, signed-in
                sluice.dataset.sales.rls=true
                sluice.export.rls-role=web_user
                """);

        List<DatasetSettings> datasets =
                read(List.of("--settings", file.toString()), Map.of()).datasets();

        DatasetSettings sales = datasets.get(0);
        DatasetSettings dotted = datasets.get(1);
        assertThat(dotted.name()).isEqualTo("x.csv");
        assertThat(dotted.columns())
                .containsExactly(
                        new DatasetSettings.Column("id", "id"), new DatasetSettings.Column("created_at", "createdAt"));
        assertThat(dotted.key()).containsExactly("created_at", "id");
        assertThat(sales.rls()).isTrue();
        assertThat(sales.read()).containsExactly("role:sales", "signed-in");
        assertThat(sales.parameters().get(1).type()).isEqualTo("timestamp with time zone");
        assertThat(sales.parameters().get(1).defaultValue()).contains("2020-01-01");
    }

    @Test
    void namesThatWouldMeanTwoThingsAreRefused() throws IOException {
        Path file = file("""
                sluice.dataset.a.table=t
                sluice.dataset.a.columns=id, name, first as name, id as key
                sluice.dataset.b.sql=select :limit
                sluice.dataset.b.parameters=limit int, since date, format text = csv, since text
                sluice.export.schemas=shop,a,a.b,a.b.c,ab
                """);

        InvalidSettings errors = catchThrowableOfType(
                InvalidSettings.class, () -> read(List.of("--settings", file.toString()), Map.of()));

        assertThat(errors.errors())
                .containsExactlyInAnyOrder(
                        "sluice.dataset.a.columns: the name id stands there twice",
                        "sluice.dataset.a.columns: the name name stands there twice",
                        "sluice.dataset.b.parameters: the name since stands there twice",
                        "sluice.dataset.b.parameters: limit means something else in every request; choose another name",
                        "sluice.dataset.b.parameters: format means something else in every request; choose another name",
                        "export.schemas: a and a.b cannot both be exported: a.b.x would be a table of either",
                        "export.schemas: a and a.b.c cannot both be exported: a.b.c.x would be a table of either",
                        "export.schemas: a.b and a.b.c cannot both be exported: a.b.c.x would be a table of either");
    }

    @Test
    void typesAndDefaultsOfParametersMayHoldCommas() throws IOException {
        Path file = file("""
                sluice.dataset.a.sql=select :x, :y, :z
                sluice.dataset.a.parameters=x numeric(10,2), y int[] = {1,2,3} ,z text = (a,b)
                """);

        assertThat(read(List.of("--settings", file.toString()), Map.of())
                        .datasets()
                        .get(0)
                        .parameters())
                .containsExactly(
                        new DatasetSettings.Parameter("x", "numeric(10,2)", Optional.empty()),
                        new DatasetSettings.Parameter("y", "int[]", Optional.of("{1,2,3}")),
                        new DatasetSettings.Parameter("z", "text", Optional.of("(a,b)")));
    }

    @Test
    void namespacesAreReadFromTheFileAlsoWithDotsInTheirNames() throws IOException {
        Path file = file("""
                sluice.namespace.shop.orders.subscribe=role:sales, token
                sluice.namespace.shop.orders.publish=subscriber
                sluice.namespace.shop.orders.subscribe-function=shop.may_watch
                sluice.namespace.shop.orders.history-size=500
                sluice.namespace.shop.orders.history-age=7d
                sluice.namespace.shop.orders.presence=true
                sluice.namespace.shop.orders.typing-ttl=0
                """);

        NamespaceSettings orders = namespace("shop.orders", "--settings", file.toString());

        assertThat(orders.subscribe()).containsExactly("role:sales", "token");
        assertThat(orders.publish()).containsExactly("subscriber");
        assertThat(orders.subscribeFunction()).contains("shop.may_watch");
        assertThat(orders.publishFunction()).isEmpty();
        assertThat(orders.historySize()).isEqualTo(500);
        assertThat(orders.historyAge()).isEqualTo(Duration.ofDays(7));
        assertThat(orders.presence()).isTrue();
        assertThat(orders.joinLeave()).isFalse();
        assertThat(orders.typingTtl()).isZero();
        assertThat(orders.durable()).isTrue();
    }

    @Test
    void aNamespaceIsClosedUnlessSomethingOpensIt() throws IOException {
        Path file = file("sluice.namespace.x.presence=true\n");

        NamespaceSettings closed = namespace("x", "--settings", file.toString());

        assertThat(closed.subscribe()).isEmpty();
        assertThat(closed.publish()).isEmpty();
        assertThat(closed.subscribeFunction()).isEmpty();
        assertThat(closed.durable()).isFalse();
    }

    @Test
    void theDemoOpensItsOwnNamespacesToAnybody() {
        assertThat(namespace("demo").publish()).containsExactly("public");
        assertThat(namespace("demo").historySize()).isEqualTo(100);
        assertThat(namespace("live").historySize()).isZero();
        assertThat(namespace("room").subscribe()).containsExactly("public");
        assertThat(namespace("user").subscribe()).containsExactly("owner");

        List<NamespaceSettings> outside =
                read(List.of("--no-demo"), Map.of()).channels().namespaces();
        assertThat(outside).extracting(NamespaceSettings::name).containsExactly("room", "tasks", "updates", "user");
        assertThat(outside)
                .allSatisfy(one -> assertThat(one.subscribe()).doesNotContain("public"))
                .allSatisfy(one -> assertThat(one.publish()).doesNotContain("public"));
    }

    @Test
    void aFileChangesOfABuiltInNamespaceWhatItNames() throws IOException {
        Path file = file("sluice.namespace.room.history-size=5\nsluice.namespace.room.subscribe=role:staff\n");

        NamespaceSettings room =
                namespace("room", "--settings", file.toString(), "--chat-room-members", "7", "--chat-max-rooms=9");

        assertThat(room.historySize()).isEqualTo(5);
        assertThat(room.subscribe()).containsExactly("role:staff");
        assertThat(room.joinLeave()).isTrue();
        assertThat(room.members()).isEqualTo(7);
        assertThat(room.channels()).isEqualTo(9);
    }

    @Test
    void allThatIsWrongWithNamespacesIsTold() throws IOException {
        Path file = file("""
                sluice.namespace.a.subscribe=everybody, role:, token
                sluice.namespace.a.publish=token
                sluice.namespace.a.colour=red
                sluice.namespace.a/b.presence=true
                sluice.namespace.c.presence=maybe
                sluice.namespace.c.history-size=-1
                sluice.namespace.d.history-size=1
                sluice.namespace.d.history-age=0
                sluice.namespace.e.join-leave=true
                sluice.namespace.f.publish-function=f(); drop table x
                sluice.namespace.f.subscribe-function=may_watch
                sluice.namespace.g.broker=redis
                sluice.namespace.presence=true
                sluice.realtime.token-secret=short
                """);

        InvalidSettings errors = catchThrowableOfType(
                InvalidSettings.class, () -> read(List.of("--settings", file.toString()), Map.of()));

        assertThat(errors.errors())
                .anyMatch(e -> e.startsWith("sluice.namespace.a.subscribe: expected role:NAME or one of")
                        && e.endsWith("not everybody"))
                .anyMatch(e -> e.startsWith("sluice.namespace.a.subscribe") && e.endsWith("not role:"))
                .anyMatch(e -> e.startsWith("sluice.namespace.a.publish") && e.endsWith("not token"))
                .anyMatch(e -> e.startsWith("sluice.namespace.a.colour: expected sluice.namespace.NAME.subscribe|"))
                .anyMatch(e -> e.startsWith("sluice.namespace.a/b: the name"))
                .anyMatch(e -> e.startsWith("sluice.namespace.c.presence: expected true or false"))
                .anyMatch(e -> e.startsWith("sluice.namespace.c.history-size: expected a whole number"))
                .anyMatch(e -> e.startsWith("sluice.namespace.d.history-age: "))
                .anyMatch(e -> e.startsWith("sluice.namespace.e.join-leave: needs presence"))
                .anyMatch(e -> e.startsWith("sluice.namespace.f.publish-function: expected the name"))
                .anyMatch(e -> e.startsWith("sluice.namespace.f.subscribe-function: ") && e.contains("with its schema"))
                .anyMatch(e -> e.startsWith("sluice.namespace.g.broker: expected one of auto|local|postgres"))
                .anyMatch(e -> e.startsWith("sluice.namespace.presence: expected sluice.namespace.NAME"))
                .anyMatch(e -> e.startsWith("realtime.token-secret: expected at least 32 bytes"))
                .hasSize(14);
    }

    private static NamespaceSettings namespace(String name, String... arguments) {
        return read(List.of(arguments), Map.of()).channels().namespaces().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatWasGivenComesBackAsContextParameters() throws IOException {
        Path file = file("sluice.dataset.a.table=t\nsluice.namespace.n.subscribe=public\nsluice.export.queue=7\n");
        Map<String, String> parameters = SettingsSources.ofCommandLine(
                        List.of("--settings", file.toString(), "--port", "0"), Map.of())
                .asContextParameters();

        Settings settings = Settings.read(SettingsSources.ofContext(parameters, Map.of("SLUICE_PORT", "9")));

        assertThat(settings.server().port()).isZero();
        assertThat(settings.export().queue()).isEqualTo(7);
        assertThat(settings.datasets()).hasSize(1);
        assertThat(settings.channels().namespaces())
                .extracting(NamespaceSettings::name)
                .contains("n");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("sluice.properties"), text);
    }

    private static Settings read(List<String> arguments, Map<String, String> environment) {
        return Settings.read(SettingsSources.ofCommandLine(arguments, environment));
    }
}
