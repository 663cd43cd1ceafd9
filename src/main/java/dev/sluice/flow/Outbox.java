package dev.sluice.flow;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one client: a bounded queue of frames that it shares with other outboxes. Whoever has
 * something to say {@link #offer offers} it and goes on; a thread of {@link Outboxes} writes it, in the order of the
 * offers. A client that is too slow is let go: its owner is told first, so that it leaves whatever it belongs to, then
 * the wire is closed.
 *
 * <p>Thread-safe. Made by {@link Outboxes#open}, alive until it is {@link #remove removed}, which happens exactly once,
 * whoever asks for it and however often. While nothing waits it holds no queue.
 */
public final class Outbox {
    /** Bytes that go out in one write, before other outboxes have their turn; more only where one frame has more. */
    static final int TURN = 64 * 1024;

    /**
     * As much after a slow write, and twice as much after each quick one. While a write is in flight nothing else can leave
     * for this client, not even the answer to its ping or close, and that is given up after a second.
     */
    static final int SLOW_TURN = 8 * 1024;

    /** By a time that goes in steps of 200: such a write lasts for one of them, at the least. */
    private static final long SLOW_MILLIS = 300;

    /** One part in so many of what may wait is little: then there is room for large frames. */
    private static final int ROOMY = 4;

    private enum State {
        /** Nothing waits and nobody writes. */
        IDLE,
        /** A thread writes, or is about to. */
        DRAINING,
        /** A write will complete later, and then goes on. */
        WAITING,
        /** Removed. */
        DEAD
    }

    /** Where a write stands that may complete within its call or later. */
    private enum Write {
        NONE,
        CALLING,
        DONE,
        LATE
    }

    private final Outboxes outboxes;
    private final Wire wire;
    private final Consumer<OutboxEnd> owner;
    private final Wire.Sent sent = this::sent;

    private State state = State.IDLE;
    private Write write = Write.NONE;
    private @Nullable ArrayDeque<Frame> queue;
    /** What is to be done once there is room. */
    private List<Runnable> forRoom = List.of();

    private int queuedBytes;
    /** When the write in flight began, 0 without one. */
    private long writingSince;
    /** What is in it. */
    private List<Frame> inFlight = List.of();
    /** When a write that lasted was over, 0 before the first. */
    private long lastTaken;
    /** Bytes of the next write, at most. */
    private int turn = TURN;
    /** When what still waits is given up, 0 unless finishing. */
    private long finishBy;
    /** Whether the last write had several frames: then the next one waits a little, for more to come. */
    private boolean bursts;
    /** Whether it waits so now; who ends that, drains. */
    private boolean pausing;
    /** How to close once the write in flight is over; null where that is not waited for, or not any more. */
    private @Nullable OutboxEnd closesLater;

    Outbox(Outboxes outboxes, Wire wire, Consumer<OutboxEnd> owner) {
        this.outboxes = outboxes;
        this.wire = wire;
        this.owner = owner;
    }

    /**
     * Queues a frame, to be written soon by another thread. Never blocks and never calls anybody, so it may be called with
     * locks held. A frame that does not fit is the end of the outbox.
     *
     * @return whether it was taken; not when the outbox has ended or is ending
     */
    public boolean offer(Frame frame) {
        boolean fits;
        boolean begins;
        synchronized (this) {
            if (state == State.DEAD || finishBy != 0) {
                return false;
            }
            fits = fits(frame);
            begins = fits && enqueue(frame);
        }
        if (!fits) {
            remove(OutboxEnd.OVERFLOWN);
        } else if (begins) {
            outboxes.drain(this);
        }
        return fits;
    }

    /**
     * Does something once little waits, or nothing any more because the outbox has ended: now, in the calling thread, or
     * later, in one that drains, with no locks held. It must not block.
     */
    public void whenRoom(Runnable task) {
        synchronized (this) {
            if (state != State.DEAD && !hasRoom()) {
                forRoom = new ArrayList<>(forRoom);
                forRoom.add(task);
                return;
            }
        }
        task.run();
    }

    /** Takes nothing more, writes what waits, then ends as {@link OutboxEnd#CLOSED}; at the latest after the limit's age. */
    public void finish() {
        synchronized (this) {
            if (state == State.DEAD || finishBy != 0) {
                return;
            }
            finishBy = outboxes.now() + outboxes.limits().age().toMillis() + 1;
            if (state != State.IDLE) {
                return;
            }
        }
        remove(OutboxEnd.CLOSED);
    }

    /** Ends it: what waits is dropped, the owner told, the wire closed. Neither is waited for. */
    public void remove(OutboxEnd end) {
        List<Runnable> waiting;
        synchronized (this) {
            if (state == State.DEAD) {
                return;
            }
            state = State.DEAD;
            queue = null;
            queuedBytes = 0;
            waiting = forRoom;
            forRoom = List.of();
        }
        outboxes.removed(this, end);
        waiting.forEach(outboxes::soon);
    }

    /** Bytes that wait. */
    public synchronized int queuedBytes() {
        return queuedBytes;
    }

    /** Whether this very frame waits, or is in the write in flight. */
    public synchronized boolean holds(Frame frame) {
        return inFlight.contains(frame) || (queue != null && queue.contains(frame));
    }

    /**
     * When a write was over that had to wait for the client to take something, in milliseconds of {@link Outboxes#now};
     * 0 = never. What a write does not wait for may lie on this side of the network, and tells nothing of the client.
     */
    public synchronized long lastTaken() {
        return lastTaken;
    }

    void tellOwner(OutboxEnd end) {
        owner.accept(end);
    }

    /** A client that reads, though too slowly, is told why: that can leave once the write in flight has. */
    void close(OutboxEnd end) {
        synchronized (this) {
            if (end == OutboxEnd.OVERFLOWN && writingSince != 0) {
                closesLater = end;
                outboxes.closesLater(this);
                return;
            }
        }
        closeWire(end);
    }

    void closeWire(OutboxEnd end) {
        wire.close(end);
    }

    /** Closes when the write in flight is over, or has no time left. */
    private void closeNow() {
        OutboxEnd end;
        synchronized (this) {
            end = closesLater;
            closesLater = null;
            writingSince = 0;
        }
        if (end != null) {
            outboxes.closesNow(this, end);
        }
    }

    /** Closes when the write in flight takes too long. */
    void checkClosing(long now) {
        boolean isLate;
        synchronized (this) {
            isLate = now - writingSince > outboxes.limits().age().toMillis();
        }
        if (isLate) {
            closeNow();
        }
    }

    /** Removes it when a write, or its end, takes too long. */
    void check(long now) {
        boolean stalled;
        boolean unfinished;
        synchronized (this) {
            stalled = writingSince != 0
                    && now - writingSince > outboxes.limits().age().toMillis();
            unfinished = finishBy != 0 && now > finishBy;
        }
        if (stalled || unfinished) {
            remove(unfinished ? OutboxEnd.CLOSED : OutboxEnd.STALLED);
        }
    }

    /** After a pause: drains, unless so much has come meanwhile that somebody did. */
    void drainAfterPause() {
        synchronized (this) {
            if (!pausing) {
                return;
            }
            pausing = false;
        }
        drain();
    }

    /** Writes what waits, as much as is one turn. */
    void drain() {
        List<Frame> frames = take();
        tellOfRoom();
        if (frames.isEmpty()) {
            settle();
            return;
        }
        try {
            wire.send(frames, sent);
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it was: who is left without a thread that writes would wait for ever.
            remove(reason(e));
            closeNow();
            return;
        }
        if (isSent()) {
            goOn();
        }
    }

    /** The first frame may have any size, or nothing larger than the limit could ever be sent. */
    private boolean fits(Frame frame) {
        ArrayDeque<Frame> waiting = queue;
        Frame first = waiting == null ? null : waiting.peek();
        if (waiting == null || first == null) {
            return true;
        }
        long bytes = (long) queuedBytes - first.bytes() + frame.bytes();
        return waiting.size() < outboxes.limits().messages()
                && bytes <= outboxes.limits().bytes();
    }

    /** Answers whether somebody has to begin to drain. */
    private boolean enqueue(Frame frame) {
        if (queue == null) {
            queue = new ArrayDeque<>(4);
        }
        queue.add(frame);
        queuedBytes += frame.bytes();
        boolean begins = state == State.IDLE || (pausing && isPressing());
        if (begins) {
            state = State.DRAINING;
            pausing = false;
        }
        return begins;
    }

    /** Whether so much waits that it must not wait for more. */
    private boolean isPressing() {
        Outboxes.Limits limits = outboxes.limits();
        return queuedBytes >= Math.min(TURN, limits.bytes() / 2)
                || (queue != null && queue.size() >= limits.messages() / 2);
    }

    private boolean hasRoom() {
        Outboxes.Limits limits = outboxes.limits();
        return queue == null || (queuedBytes <= limits.bytes() / ROOMY && queue.size() <= limits.messages() / ROOMY);
    }

    private void tellOfRoom() {
        List<Runnable> due;
        synchronized (this) {
            if (forRoom.isEmpty() || !hasRoom()) {
                return;
            }
            due = forRoom;
            forRoom = List.of();
        }
        due.forEach(outboxes::soon);
    }

    /** The next write, which begins; nothing when nothing waits. */
    private synchronized List<Frame> take() {
        ArrayDeque<Frame> waiting = queue;
        if (state == State.DEAD || waiting == null || waiting.isEmpty()) {
            return List.of();
        }
        List<Frame> taken = new ArrayList<>(waiting.size());
        int bytes = 0;
        for (Frame next = waiting.peek();
                next != null && (bytes == 0 || bytes + next.bytes() <= turn);
                next = waiting.peek()) {
            taken.add(waiting.remove());
            bytes += next.bytes();
        }
        queuedBytes -= bytes;
        bursts = taken.size() > 1;
        write = Write.CALLING;
        writingSince = outboxes.now();
        inFlight = taken;
        return taken;
    }

    /** Answers whether the write is over; if not, it will be, or never. */
    private boolean isSent() {
        synchronized (this) {
            if (write != Write.DONE) {
                write = Write.LATE;
                state = state == State.DEAD ? State.DEAD : State.WAITING;
                return false;
            }
            if (state != State.DEAD) {
                written();
                return true;
            }
        }
        closeNow();
        return false;
    }

    private void sent(@Nullable Throwable error) {
        if (error != null) {
            remove(reason(error));
            closeNow();
            return;
        }
        boolean isOver;
        synchronized (this) {
            if (write == Write.CALLING) {
                write = Write.DONE;
                return;
            }
            isOver = state == State.DEAD;
            if (!isOver) {
                written();
                state = State.DRAINING;
            }
        }
        if (isOver) {
            closeNow();
        } else {
            goOn();
        }
    }

    private void written() {
        write = Write.NONE;
        boolean lasted = outboxes.now() - writingSince > SLOW_MILLIS;
        turn = lasted ? SLOW_TURN : Math.min(2 * turn, TURN);
        lastTaken = lasted ? outboxes.now() : lastTaken;
        writingSince = 0;
        inFlight = List.of();
    }

    /** After a write: the next turn, soon; at once, where that has not to be waited for. */
    private void goOn() {
        boolean moreWaits;
        boolean pauses;
        synchronized (this) {
            moreWaits = state == State.DRAINING && queue != null && !queue.isEmpty();
            pauses = state == State.DRAINING && bursts && finishBy == 0 && !isPressing();
            pausing = pauses;
        }
        if (pauses) {
            outboxes.drainSoon(this);
        } else if (moreWaits) {
            outboxes.drain(this);
        } else {
            settle();
        }
    }

    /** Goes to rest, unless something has come meanwhile. */
    private void settle() {
        boolean moreWaits;
        boolean ends;
        synchronized (this) {
            if (state == State.DEAD) {
                return;
            }
            moreWaits = queue != null && !queue.isEmpty();
            ends = !moreWaits && finishBy != 0;
            if (!moreWaits) {
                state = State.IDLE;
                queue = null;
            }
        }
        if (moreWaits) {
            outboxes.drain(this);
        } else if (ends) {
            remove(OutboxEnd.CLOSED);
        }
    }

    private static OutboxEnd reason(Throwable error) {
        return error instanceof InterruptedIOException ? OutboxEnd.STALLED : OutboxEnd.FAILED;
    }
}
