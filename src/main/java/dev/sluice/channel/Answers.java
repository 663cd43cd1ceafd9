package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.http.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers of permission functions, kept for a while; who asks the same meanwhile waits for the same answer. An attempt
 * that failed is no answer, and is not kept. Thread-safe.
 */
final class Answers {
    /** Answers kept at most; the oldest go first. */
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final PermissionFunctions functions;
    private final Blocking blocking;
    private final Duration kept;
    private final InstantSource ticks;
    /** In the order in which they were asked for, and so in that of their age. */
    private final Map<Question, Answer> answers = new LinkedHashMap<>();

    private record Question(String function, String subject, Map<String, Object> claims, String channel) {}

    private record Answer(CompletableFuture<Boolean> value, Instant asked) {}

    Answers(PermissionFunctions functions, Blocking blocking, Duration kept, InstantSource ticks) {
        this.functions = functions;
        this.blocking = blocking;
        this.kept = kept;
        this.ticks = ticks;
    }

    /**
     * What the function says.
     *
     * @param fresh whether an answer that is kept does not do
     */
    CompletableFuture<Boolean> ask(String function, Caller caller, String channel, boolean fresh) {
        Question question = new Question(function, caller.subject(), caller.claims(), channel);
        Instant now = ticks.instant();
        CompletableFuture<Boolean> value = new CompletableFuture<>();
        CompletableFuture<Boolean> known = fresh ? replace(question, value, now) : putIfAbsent(question, value, now);
        if (known != null) {
            return known;
        }
        CompletionStage<Boolean> answered = blocking.call(() -> functions.ask(function, caller, channel));
        answered.whenComplete((answer, error) -> answer(question, value, answer, error));
        return value;
    }

    private synchronized @Nullable CompletableFuture<Boolean> putIfAbsent(
            Question question, CompletableFuture<Boolean> value, Instant now) {
        forgetOld(now);
        Answer known = answers.get(question);
        if (known != null) {
            return known.value();
        }
        answers.put(question, new Answer(value, now));
        return null;
    }

    private synchronized @Nullable CompletableFuture<Boolean> replace(
            Question question, CompletableFuture<Boolean> value, Instant now) {
        answers.remove(question);
        return putIfAbsent(question, value, now);
    }

    private void forgetOld(Instant now) {
        Instant then = now.minus(kept);
        Iterator<Answer> oldest = answers.values().iterator();
        while (oldest.hasNext()) {
            boolean isOld = !oldest.next().asked().isAfter(then);
            if (!isOld && answers.size() < MOST) {
                break;
            }
            oldest.remove();
        }
    }

    private void answer(
            Question question, CompletableFuture<Boolean> value, @Nullable Boolean answer, @Nullable Throwable error) {
        if (error == null) {
            value.complete(Boolean.TRUE.equals(answer));
            return;
        }
        forget(question, value);
        value.completeExceptionally(error instanceof ChannelException ? error : unavailable(question, error));
    }

    private synchronized void forget(Question question, CompletableFuture<Boolean> value) {
        Answer known = answers.get(question);
        if (known != null && known.value() == value) {
            answers.remove(question);
        }
    }

    private static ChannelException unavailable(Question question, Throwable error) {
        Problem.log(LOG, "The function " + question.function() + " failed", error);
        return new ChannelException(Reason.UNAVAILABLE, "The permission cannot be checked now; try again.", error);
    }

    synchronized int size() {
        return answers.size();
    }
}
