package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The log's own format, as logback.xml sets it. */
class LogFormatTest {
    private static final String START = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ ";

    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void configure() throws Exception {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(LogFormatTest.class.getResource("/logback.xml")));
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void anEventIsOneLineOnStandardError() {
        assertThat(appender().getTarget()).isEqualTo("System.err");
        assertThat(line("hello", null)).matches(START + "INFO  Thing: hello\\R");
    }

    @Test
    void aMessageCannotForgeALine() {
        assertThat(line("a\r\n2026-01-01T00:00:00 ERROR forged\u2028b", null).lines())
                .hasSize(1);
    }

    @Test
    void anExceptionCannotForgeALine() {
        Exception error =
                new IllegalStateException("a\n2026-01-01T00:00:00 ERROR forged", new RuntimeException("b\nc"));

        assertThat(line("failed", error).lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("    "));
    }

    @Test
    void neitherCanPlayWithTheTerminal() {
        String hostile = "a\u001b[2J\u001b]0;title\u0007b\u0000c\bd\u007fe\u009bf\u0085g\th";
        String message = line(hostile, null);
        String exception = line("failed", new IllegalStateException(hostile, new RuntimeException("x\u001b[1mx")));

        assertThat(message).endsWith(": a [2J ]0;title b c d e f g h" + System.lineSeparator());
        assertThat(exception)
                .containsOnlyOnce("IllegalStateException: a [2J ]0;title b")
                .contains("x [1mx");
        assertThat(exception.codePoints().filter(Character::isISOControl).distinct())
                .isSubsetOf((int) '\n', (int) '\t');
        assertThat(exception).contains("\n    \tat ");
    }

    @Test
    void librariesWarnAndSluiceInforms() {
        assertThat(context.getLogger("com.zaxxer.hikari").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("dev.sluice.flow.Pump").getEffectiveLevel())
                .isEqualTo(Level.INFO);
        assertThat(context.getLogger("access").getEffectiveLevel()).isEqualTo(Level.INFO);
    }

    private String line(String message, @Nullable Throwable error) {
        Logger logger = context.getLogger("dev.sluice.Thing");
        LoggingEvent event = new LoggingEvent("", logger, Level.INFO, message, error, null);
        return new String(appender().getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @SuppressWarnings("unchecked") // as logback.xml has it
    private ConsoleAppender<ILoggingEvent> appender() {
        return (ConsoleAppender<ILoggingEvent>)
                Objects.requireNonNull(context.getLogger("ROOT").getAppender("stderr"));
    }
}
