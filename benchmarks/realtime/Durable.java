import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Publications that are acknowledged once they are on disk, by many at once; one listener gets them all, in order. */
final class Durable {
    private static final String CHANNEL = "kept:durable";

    private final Options options;
    private final Samples samples = new Samples();
    private int number;

    Durable(Options options) {
        this.options = options;
    }

    boolean run() {
        int[] crowds = Arrays.stream(new int[] {1, 8, 32, 128})
                .filter(workers -> workers <= options.workers())
                .toArray();
        for (int round = -1; round < options.rounds(); round++) {
            if (round == 0) {
                samples.forget();
            }
            for (int workers : crowds) {
                sample(workers);
            }
            System.err.print('.');
        }
        System.err.println();
        System.out.println("\n### Kept publications: acknowledged once they are on disk, " + options.bytes()
                + " bytes, one channel, " + options.rounds() + " rounds of " + options.seconds() + " s\n");
        System.out.println("| publishers, one publication each at a time | publications a second: median (range) |"
                + " acknowledged after, ms: p50 | p99 |\n|---|---|---|---|");
        for (int workers : crowds) {
            System.out.println("| " + workers + " | " + Samples.text(samples.median("rate-" + workers)) + " ("
                    + samples.spread("rate-" + workers) + ") | " + Samples.text(samples.median("p50-" + workers)) + " | "
                    + Samples.text(samples.median("p99-" + workers)) + " |");
        }
        return true;
    }

    private void sample(int size) {
        try (Offsets offsets = new Offsets(options.first(), CHANNEL)) {
            List<Speaker> speakers = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                speakers.add(new Speaker(options.first()));
            }
            long began = System.nanoTime();
            int[] micros = publish(speakers, began + options.seconds() * 1_000_000_000L);
            double seconds = (System.nanoTime() - began) / 1e9;
            speakers.forEach(Speaker::close);
            offsets.await(micros.length);
            samples.add("rate-" + size, micros.length / seconds);
            samples.add("p50-" + size, Samples.percentile(micros, 50) / 1000);
            samples.add("p99-" + size, Samples.percentile(micros, 99) / 1000);
        }
    }

    /** Microseconds of all acknowledgements. */
    private int[] publish(List<Speaker> speakers, long until) {
        List<Integer> micros = new ArrayList<>();
        List<String> trouble = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(speakers.size());
        for (Speaker speaker : speakers) {
            byte[] publication = speaker.publication(CHANNEL, number++ % 100_000_000, options.bytes());
            new Thread(() -> {
                List<Integer> own = new ArrayList<>();
                try {
                    for (long now = System.nanoTime(); now < until; ) {
                        speaker.publish(publication);
                        long then = System.nanoTime();
                        own.add((int) ((then - now) / 1000));
                        now = then;
                    }
                } catch (RuntimeException e) {
                    trouble.add(String.valueOf(e));
                }
                synchronized (micros) {
                    micros.addAll(own);
                }
                over.countDown();
            }).start();
        }
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (!trouble.isEmpty()) {
            throw new IllegalStateException(trouble.get(0));
        }
        return micros.stream().mapToInt(Integer::intValue).toArray();
    }
}
