package dev.sluice.flow;

import java.util.ArrayDeque;
import java.util.Deque;

/** Drains when told to, in the thread of the test. */
final class HandDrains implements Drains {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> soon = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void executeSoon(Runnable task) {
        soon.add(task);
    }

    /** Lets a few milliseconds pass. */
    void pass() {
        tasks.addAll(soon);
        soon.clear();
    }

    /** Runs the next drain that is due; answers whether there was one. */
    boolean runOne() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
        return task != null;
    }

    void runAll() {
        while (runOne()) {
            // All of them.
        }
    }

    @Override
    public void close() {
        tasks.clear();
        soon.clear();
    }
}
