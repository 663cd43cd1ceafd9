package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AnswersTest {
    @Test
    void of_a_hundred_thousand_answers_no_more_are_kept_than_may_be_and_none_for_long() {
        ManualClock clock = new ManualClock();
        try (Blocking blocking = new Blocking(1_000)) {
            Answers answers = new Answers(
                    (function, caller, channel) -> !channel.isEmpty(), blocking, Duration.ofSeconds(10), clock);
            for (int i = 0; i < 100_000; i += 1_000) {
                askMany(answers, i);
            }
            assertThat(answers.size()).isEqualTo(Answers.MOST);

            clock.advance(Duration.ofSeconds(10));
            askMany(answers, 0);
            assertThat(answers.size()).isEqualTo(1_000);
        }
    }

    private static void askMany(Answers answers, int first) {
        List<CompletableFuture<Boolean>> asked = new ArrayList<>();
        for (int i = first; i < first + 1_000; i++) {
            asked.add(answers.ask("app.may", TestSubscriber.caller("ann"), "asked:" + i, false));
        }
        asked.forEach(one -> assertThat(TestSubscriber.soon(one)).isTrue());
    }
}
