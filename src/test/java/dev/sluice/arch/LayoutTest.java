package dev.sluice.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.sluice.auth.Caller;
import dev.sluice.flow.Source;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The layout of the code: app on top, features below it and beside each other only through their doors, what they share
 * at the bottom; the launcher in a world of its own.
 */
@AnalyzeClasses(packages = "dev.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class LayoutTest {
    private static final String[] SHARED = {"dev.sluice.flow..", "dev.sluice.http..", "dev.sluice.db.."};
    private static final String[] FEATURES = {
        "dev.sluice.auth..", "dev.sluice.export..", "dev.sluice.channel..", "dev.sluice.ops..", "dev.sluice.realtime.."
    };

    /** Feature by feature: the one type (with the types of its arguments) through which others may use it. */
    private static final Map<String, Set<String>> DOORS = Map.of(
            "dev.sluice.auth", Set.of("Auth", "Access", "Caller"),
            // The driver makes the factory, by its name.
            "dev.sluice.export", Set.of("Exports", "ExportSocketFactory"),
            "dev.sluice.channel",
                    Set.of(
                            "Channels",
                            "ChannelException",
                            "Subscriber",
                            "Event",
                            "Encoding",
                            "Member",
                            "Presence",
                            "Reply",
                            "Stamp",
                            "SubscribeRequest",
                            "Subscribed",
                            "PublishRequest",
                            "HistoryRequest",
                            "Publisher"),
            "dev.sluice.ops", Set.of("Operations"),
            "dev.sluice.realtime",
                    Set.of(
                            "Realtime",
                            "Identities",
                            "Dialect",
                            "Acceptor",
                            "SocketEndpoint",
                            "Protocol",
                            "Connection",
                            "Ending",
                            "Envelope",
                            "Texts",
                            "TokenMessages",
                            "NoScannedEndpoints"),
            "dev.sluice.realtime.gateway", Set.of("Gateway", "GatewayEndpoint"),
            "dev.sluice.realtime.sse", Set.of("TickStreams"),
            "dev.sluice.realtime.chat", Set.of("Chat", "ChatEndpoint", "Mutes"),
            "dev.sluice.realtime.centrifugo",
                    Set.of("Centrifugo", "CentrifugoEndpoint", "ConnectionTokens", "Rpc", "RpcException"));

    @ArchTest
    static final ArchRule nobodyDependsOnTheCompositionRoot =
            only("dev.sluice.app..").mayKnow("dev.sluice.app..");

    @ArchTest
    static final ArchRule nobodyDependsOnTheLauncher =
            only("dev.sluice.launch..").mayKnow("dev.sluice.launch..");

    @ArchTest
    static final ArchRule theLauncherSeesOnlyTheSettings = noClasses()
            .that()
            .resideInAPackage("dev.sluice.launch..")
            .should()
            .dependOnClassesThat(ours().and(not(resideInAnyPackage("dev.sluice.launch..", "dev.sluice.settings.."))));

    /** TRACE reaches them: a servlet that leaves methods to the API's own {@code service} would echo the request. */
    @ArchTest
    static final ArchRule servletsAnswerEveryMethodThemselves = classes()
            .that()
            .areAssignableTo(HttpServlet.class)
            .should(new ArchCondition<>("override service") {
                @Override
                public void check(JavaClass servlet, ConditionEvents events) {
                    boolean overrides = Stream.concat(Stream.of(servlet), servlet.getAllRawSuperclasses().stream())
                            .takeWhile(type -> !type.getName().equals(HttpServlet.class.getName()))
                            .anyMatch(type -> type.tryGetMethod(
                                            "service", HttpServletRequest.class, HttpServletResponse.class)
                                    .isPresent());
                    if (!overrides) {
                        events.add(SimpleConditionEvent.violated(servlet, servlet.getName() + " inherits service"));
                    }
                }
            });

    @ArchTest
    static final ArchRule whatFeaturesShareKnowsNoFeature = noClasses()
            .that()
            .resideInAnyPackage(SHARED)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(FEATURES);

    @ArchTest
    static final ArchRule featuresKnowOfIdentityOnlyTheCaller = noClasses()
            .that()
            .resideOutsideOfPackages("dev.sluice.auth..", "dev.sluice.app..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.sluice.auth..").and(not(assignableTo(Caller.class))));

    @ArchTest
    static final ArchRule authIsALeaf = noClasses()
            .that()
            .resideInAPackage("dev.sluice.auth..")
            .should()
            .dependOnClassesThat(ours().and(not(resideInAnyPackage(
                    "dev.sluice.auth..", "dev.sluice.http..", "dev.sluice.db..", "dev.sluice.settings.."))));

    @ArchTest
    static final ArchRule exportsAndOperationsDoNotKnowEachOther =
            slices().matching("dev.sluice.(export|ops|realtime)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule channelsKnowOfBrokersOnlyTheContract = noClasses()
            .that()
            .resideInAPackage("dev.sluice.channel..")
            .should()
            .dependOnClassesThat(ours().and(not(resideInAnyPackage(
                    "dev.sluice.channel",
                    "dev.sluice.broker",
                    "dev.sluice.auth",
                    "dev.sluice.flow",
                    "dev.sluice.http",
                    "dev.sluice.db",
                    "dev.sluice.settings"))));

    @ArchTest
    static final ArchRule channelsKnowNoSocket = noClasses()
            .that()
            .resideInAnyPackage("dev.sluice.channel..", "dev.sluice.broker..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta..");

    @ArchTest
    static final ArchRule brokersKnowNobodyWhoUsesThem = noClasses()
            .that()
            .resideInAPackage("dev.sluice.broker..")
            .should()
            .dependOnClassesThat(ours().and(not(resideInAnyPackage(
                    "dev.sluice.broker..",
                    "dev.sluice.flow",
                    "dev.sluice.http",
                    "dev.sluice.db",
                    "dev.sluice.settings"))));

    @ArchTest
    static final ArchRule aFeatureShowsOnlyItsDoor = classes()
            .that()
            .resideInAnyPackage(FEATURES)
            .and()
            .areTopLevelClasses()
            .and()
            .arePublic()
            .should(beADoor());

    @ArchTest
    static final ArchRule settingsKnowTheJdkAlone = classes()
            .that()
            .resideInAPackage("dev.sluice.settings..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.sluice.settings..", "java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.sluice.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheLauncherKnowsTheContainer = only("dev.sluice.launch..")
            .mayKnow("org.apache.catalina..", "org.apache.tomcat..", "org.apache.coyote..", "org.apache.juli..");

    @ArchTest
    static final ArchRule onlyTheLauncherKnowsTheEmbeddedDatabase =
            only("dev.sluice.launch..").mayKnow("io.zonky..", "org.apache.commons.compress..", "org.tukaani..");

    @ArchTest
    static final ArchRule sourcesKnowNoServlet = noClasses()
            .that()
            .areAssignableTo(Source.class)
            .or()
            .haveSimpleName("Pump")
            .or()
            .haveSimpleName("Buffer")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.servlet..");

    @ArchTest
    static final ArchRule sqlAndHttpDoNotMeetInOneClass = noClasses()
            .that(use("java.sql.PreparedStatement").or(use("java.sql.ResultSet")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.servlet..");

    @ArchTest
    static final ArchRule settingsAndDatabaseKnowNoServlet = noClasses()
            .that()
            .resideInAnyPackage("dev.sluice.settings..", "dev.sluice.db..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.servlet..");

    @ArchTest
    static final ArchRule onlyTheLauncherWritesToTheConsole =
            noClasses().that().resideOutsideOfPackage("dev.sluice.launch..").should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule thereIsOneWayToLog = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sluice.launch..")
            .should(accessClassesThat(resideInAnyPackage("java.util.logging..", "org.apache.commons.logging..")));

    @ArchTest
    static final ArchRule thereIsNoStaticState =
            fields().that().areStatic().and(notSynthetic()).should(neverChange());

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sluice.launch..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");

    /** Says who alone may know some packages. */
    private static Only only(String... packages) {
        return known -> noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(known);
    }

    @FunctionalInterface
    private interface Only {
        ArchRule mayKnow(String... known);
    }

    private static DescribedPredicate<JavaClass> ours() {
        return resideInAnyPackage("dev.sluice..");
    }

    private static DescribedPredicate<JavaClass> use(String type) {
        return DescribedPredicate.describe(
                "use " + type,
                user -> user.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                dependency.getTargetClass().getName().equals(type)));
    }

    private static DescribedPredicate<JavaField> notSynthetic() {
        return DescribedPredicate.describe(
                "are written by somebody", field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC));
    }

    private static ArchCondition<JavaClass> beADoor() {
        return new ArchCondition<>("be a door of its feature") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean isDoor =
                        DOORS.getOrDefault(type.getPackageName(), Set.of()).contains(type.getSimpleName());
                events.add(new SimpleConditionEvent(type, isDoor, type.getName() + " is public and no door"));
            }
        };
    }

    /** Final is not enough: what a final field holds must not be made to change. */
    private static ArchCondition<JavaField> neverChange() {
        return new ArchCondition<>("never change") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                boolean isConstant =
                        field.getModifiers().contains(JavaModifier.FINAL) && !isMutable(field.getRawType());
                events.add(new SimpleConditionEvent(field, isConstant, field.getFullName() + " is static state"));
            }
        };
    }

    private static boolean isMutable(JavaClass type) {
        boolean isCollection = type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class);
        boolean isUnmodifiable =
                type.isEquivalentTo(List.class) || type.isEquivalentTo(Set.class) || type.isEquivalentTo(Map.class);
        return (isCollection && !isUnmodifiable)
                || type.getPackageName().equals(AtomicInteger.class.getPackageName())
                || type.isAssignableTo(ThreadLocal.class)
                || type.isAssignableTo(StringBuilder.class);
    }
}
