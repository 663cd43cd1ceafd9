package dev.sluice.channel;

import static dev.sluice.channel.TestSubscriber.offsets;
import static dev.sluice.channel.TestSubscriber.refusalOf;
import static dev.sluice.channel.TestSubscriber.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.settings.ChannelSettings;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is kept, page by page, and publishing with its limits. */
class HistoryTest {
    private static final String CHANNEL = "kept:a";

    private final ChannelSettings settings = Node.settings(Map.of());
    private final MemoryBroker broker = Node.broker(settings);
    private final Node node = new Node(broker, new ManualClock(), settings);
    private final TestSubscriber ann = node.connect("1", "ann");

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void pages_go_forwards_and_backwards() {
        publish(10);
        assertThat(offsets(page(3, null, false).publications())).containsExactly(1L, 2L, 3L);
        assertThat(offsets(page(3, 3L, false).publications())).containsExactly(4L, 5L, 6L);
        assertThat(offsets(page(3, null, true).publications())).containsExactly(10L, 9L, 8L);
        assertThat(offsets(page(3, 8L, true).publications())).containsExactly(7L, 6L, 5L);
        assertThat(page(3, 10L, false).publications()).isEmpty();
        assertThat(page(0, null, false)).isEqualTo(new History(new Position("e1", 10), java.util.List.of()));
    }

    @Test
    void a_page_is_bounded_in_number_and_size() {
        publish(400);
        assertThat(page(1_000_000, null, false).publications()).hasSize(300);

        String large = "\"" + "x".repeat(60_000) + "\"";
        IntStream.range(0, 20).forEach(i -> node.publish("kept:large", large));
        History page = soon(node.history(ann, "kept:large", 100));
        assertThat(offsets(page.publications())).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    }

    @Test
    void a_position_of_another_stream_is_refused() {
        publish(3);
        Optional<Position> since = Optional.of(new Position("e0", 1));
        assertThat(refusalOf(history(new HistoryRequest(CHANNEL, 3, since, false))))
                .isEqualTo(Reason.UNRECOVERABLE_POSITION);
        Optional<Position> any = Optional.of(new Position("", 1));
        assertThat(offsets(soon(history(new HistoryRequest(CHANNEL, 3, any, false)))
                        .publications()))
                .containsExactly(2L, 3L);
    }

    @Test
    void what_cannot_be_is_refused() {
        assertThat(refusalOf(node.history(ann, "loose:a", 3))).isEqualTo(Reason.NOT_AVAILABLE);
        assertThat(refusalOf(node.history(ann, CHANNEL, -1))).isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusalOf(node.history(ann, "nowhere", 3))).isEqualTo(Reason.UNKNOWN_CHANNEL);
        assertThat(refusalOf(node.history(TestSubscriber.of("9", "gone"), CHANNEL, 3)))
                .isEqualTo(Reason.NOT_AVAILABLE);
    }

    @Test
    void the_server_itself_needs_no_permission() {
        String own = "user:ann";
        assertThat(soon(Node.future(node.channels.publisher().publish(own, "note", "{}")))
                        .offset())
                .isEqualTo(1);
        History history = soon(Node.future(node.channels.history(new HistoryRequest(own, 9, Optional.empty(), false))));
        assertThat(history.publications()).hasSize(1);
        assertThat(history.publications().get(0).event()).isEqualTo("note");
        assertThat(history.publications().get(0).info()).isEmpty();
    }

    @Test
    void malformed_publications_are_refused() {
        assertThat(refusal(new PublishRequest("a b", "1"))).isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(new PublishRequest(CHANNEL, "{"))).isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(new PublishRequest(CHANNEL, "a b", "1", ""))).isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(new PublishRequest(CHANNEL, "x".repeat(65), "1", "")))
                .isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(new PublishRequest(CHANNEL, "", "1", "x".repeat(129))))
                .isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(new PublishRequest(CHANNEL, "", "1", "a b"))).isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(new PublishRequest("nowhere:a", "1"))).isEqualTo(Reason.UNKNOWN_CHANNEL);
        assertThat(soon(Node.future(
                                node.channels.publish(ann, new PublishRequest(CHANNEL, "task.created", "1", "4711/a"))))
                        .offset())
                .isEqualTo(1);
    }

    private Reason refusal(PublishRequest request) {
        return refusalOf(Node.future(node.channels.publish(ann, request)));
    }

    private History page(int limit, @org.jspecify.annotations.Nullable Long since, boolean reverse) {
        Optional<Position> position = Optional.ofNullable(since).map(offset -> new Position("e1", offset));
        return soon(history(new HistoryRequest(CHANNEL, limit, position, reverse)));
    }

    private CompletableFuture<History> history(HistoryRequest request) {
        return Node.future(node.channels.history(ann, request));
    }

    private void publish(int count) {
        IntStream.rangeClosed(1, count).forEach(i -> node.publish(CHANNEL, Integer.toString(i)));
    }
}
