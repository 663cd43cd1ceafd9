package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.settings.ChannelSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Subscribing, leaving and recovering while others publish, on two nodes with one broker whose steps take random times.
 * Whatever happens when, each client hears every publication once and in order.
 */
class SubscribeRaceTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 10_000 : 300;
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121L);
    private static final int PUBLICATIONS = 12;
    private static final int CLIENTS = 3;

    /** Without presence: those who come and go all the time would keep the feeds busy with that alone. */
    private final ChannelSettings settings = Node.settings(
            Map.of("sluice.namespace.kept.presence", "false", "sluice.namespace.kept.join-leave", "false"));

    private final MemoryBroker broker = Node.broker(settings);
    private final List<Node> nodes =
            List.of(new Node(broker, new ManualClock(), settings), new Node(broker, new ManualClock(), settings));
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        nodes.forEach(Node::close);
    }

    @Test
    void nothing_is_lost_doubled_or_reordered() throws Exception {
        broker.slowDown(SubscribeRaceTest::pause);
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            play("kept:" + round, random.nextLong());
        }
        for (Node node : nodes) {
            assertThat(node.channels.channels(10)).isEmpty();
        }
    }

    private void play(String channel, long seed) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<CompletableFuture<List<Long>>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed + i);
            Client client = new Client(nodes.get(i % nodes.size()), channel, channel + "/" + i);
            clients.add(CompletableFuture.supplyAsync(() -> client.play(start, random), threads));
        }
        CompletableFuture<Void> publisher = CompletableFuture.runAsync(() -> publish(start, channel), threads);
        start.countDown();
        publisher.get(60, TimeUnit.SECONDS);
        for (CompletableFuture<List<Long>> client : clients) {
            assertThat(client.get(60, TimeUnit.SECONDS))
                    .as("round of seed %s", seed)
                    .isEqualTo(java.util.stream.LongStream.rangeClosed(1, PUBLICATIONS)
                            .boxed()
                            .toList());
        }
    }

    private void publish(CountDownLatch start, String channel) {
        awaitStart(start);
        for (int i = 1; i <= PUBLICATIONS; i++) {
            nodes.get(i % nodes.size()).publish(channel, Integer.toString(i));
            pause();
        }
    }

    /** A client that comes and goes, and recovers each time from where it was. */
    private static final class Client implements Subscriber {
        private final Node node;
        private final String channel;
        private final String connection;
        private final List<Long> heard = new ArrayList<>();
        private Position position = new Position("e1", 0);

        Client(Node node, String channel, String connection) {
            this.node = node;
            this.channel = channel;
            this.connection = connection;
        }

        List<Long> play(CountDownLatch start, Random random) {
            awaitStart(start);
            node.channels.connect(this);
            while (last() < PUBLICATIONS) {
                subscribe();
                int patience = random.nextInt(5);
                long before = last();
                long until = System.nanoTime() + random.nextInt(300_000);
                while (last() < Math.min(PUBLICATIONS, before + patience) && System.nanoTime() < until) {
                    LockSupport.parkNanos(10_000);
                }
                node.channels.unsubscribe(this, channel);
            }
            node.channels.disconnect(this);
            return heard();
        }

        private void subscribe() {
            CompletableFuture<Subscribed> done = new CompletableFuture<>();
            Position since;
            synchronized (this) {
                since = position;
            }
            node.channels.subscribe(this, SubscribeRequest.to(channel).withSince(since), new Reply<>() {
                @Override
                public void ok(Subscribed answer) {
                    take(answer);
                    done.complete(answer);
                }

                @Override
                public void failed(ChannelException error) {
                    done.completeExceptionally(error);
                }
            });
            assertThat(TestSubscriber.soon(done).recovered()).isTrue();
        }

        private synchronized void take(Subscribed answer) {
            answer.publications().forEach(this::take);
            assertThat(answer.position()).isEqualTo(position);
        }

        private synchronized void take(Publication publication) {
            heard.add(publication.position().offset());
            position = publication.position();
        }

        private synchronized long last() {
            return position.offset();
        }

        private synchronized List<Long> heard() {
            return List.copyOf(heard);
        }

        @Override
        public void deliver(Event event) {
            if (event.kind() instanceof Event.Message message) {
                take(message.publication());
            }
        }

        @Override
        public String connection() {
            return connection;
        }

        @Override
        public dev.sluice.auth.Caller caller() {
            return TestSubscriber.caller(connection);
        }
    }

    private static void awaitStart(CountDownLatch start) {
        try {
            assertThat(start.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void pause() {
        switch (ThreadLocalRandom.current().nextInt(6)) {
            case 0 -> LockSupport.parkNanos(1);
            case 1 -> LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(100_000));
            case 2 -> {
                for (int i = ThreadLocalRandom.current().nextInt(2_000); i > 0; i--) {
                    Thread.onSpinWait();
                }
            }
            default -> {
                // At once.
            }
        }
    }
}
