package dev.sluice.flow;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandles;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for work that blocks on a database or a disk. Virtual threads where the running JDK has them without pinning
 * (24 and later, JEP 491), else a pool of the given size. What is submitted is bounded by its callers: each stream has
 * one task at most.
 */
public final class Workers {
    private static final int FIRST_WITHOUT_PINNING = 24;
    private static final int REST_SECONDS = 30;

    private Workers() {}

    /**
     * @param name of the threads
     * @param size threads at most, where they are platform threads
     */
    public static ExecutorService create(String name, int size) {
        return virtual() ? virtualThreads() : pool(name, size);
    }

    /**
     * As many as there are tasks.
     *
     * @param name of the threads
     * @param kept platform threads that stay while there are none
     */
    static ExecutorService growing(String name, int kept) {
        return virtual() ? virtualThreads() : growingPool(name, kept);
    }

    /** Whether threads are virtual here. */
    static boolean virtual() {
        return Runtime.version().feature() >= FIRST_WITHOUT_PINNING;
    }

    private static ExecutorService pool(String name, int size) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size, size, REST_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), numbered(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ExecutorService growingPool(String name, int kept) {
        return new ThreadPoolExecutor(
                kept, Integer.MAX_VALUE, REST_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), numbered(name));
    }

    private static ThreadFactory numbered(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService) MethodHandles.publicLookup()
                    .findStatic(Executors.class, "newVirtualThreadPerTaskExecutor", methodType(ExecutorService.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("this JDK should have virtual threads", e);
        }
    }
}
