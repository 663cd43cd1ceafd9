package dev.sluice.flow;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An asynchronous HTTP response as a pump's target. The container's events only signal the pump; all writing is done by
 * the pump's owner. Lives as long as the response.
 */
final class ServletTarget implements Target, WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger(ServletTarget.class);
    /** A response that has had so many pieces is a long one. */
    private static final int MANY = 4;
    /** A piece of the usual size, what stands around it in the chunked coding, and the row that made it full. */
    private static final int SOCKET_BUFFER = Buffer.CHUNK + 8 * 1024;

    private final AsyncContext async;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ServletOutputStream out;
    private final Reply reply;
    /** Held while the response is touched, and by the container's thread when it takes the response away. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean begun;
    private int pieces;
    private volatile boolean over;
    private volatile @Nullable Pump pump;

    ServletTarget(AsyncContext async, Reply reply) throws IOException {
        this.async = async;
        this.request = (HttpServletRequest) async.getRequest();
        this.response = (HttpServletResponse) async.getResponse();
        this.out = response.getOutputStream();
        this.reply = reply;
    }

    /** Lets the pump run: the container calls {@link #onWritePossible} as soon as it may write. */
    void drive(Pump driven) {
        pump = driven;
        try {
            async.setTimeout(0);
            async.addListener(this);
            out.setWriteListener(this);
        } catch (IllegalStateException e) {
            driven.end(EndReason.SOURCE_FAILED, e);
        }
    }

    @Override
    public boolean isReady() {
        lock.lock();
        try {
            return !over && out.isReady();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(Buffer buffer) throws IOException {
        withResponse(() -> {
            begin();
            // What comes in small pieces needs no more room.
            if (++pieces == MANY && buffer.array().length >= Buffer.CHUNK) {
                SocketBuffer.widen(request, SOCKET_BUFFER);
            }
            out.write(buffer.array(), 0, buffer.length());
        });
    }

    @Override
    public void flush() throws IOException {
        withResponse(out::flush);
    }

    @Override
    public void complete() {
        try {
            withResponse(() -> {
                begin();
                async.complete();
            });
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The container had ended the response already", e);
        }
    }

    private void begin() {
        if (!begun) {
            begun = true;
            reply.begin(request, response);
        }
    }

    /** The container recycles a response that is over for the next request: nobody may touch it then. */
    private void withResponse(Use use) throws IOException {
        lock.lock();
        try {
            if (over) {
                throw new IOException("The response is over");
            }
            use.run();
        } finally {
            lock.unlock();
        }
    }

    @FunctionalInterface
    private interface Use {
        void run() throws IOException;
    }

    @Override
    public void fail(EndReason reason, @Nullable Throwable error) {
        try {
            withResponse(() -> tell(reason, error));
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client was gone before it could be told", e);
            release();
        }
    }

    private void tell(EndReason reason, @Nullable Throwable error) throws IOException {
        if (reason == EndReason.CLIENT_GONE) {
            async.complete();
        } else if (response.isCommitted()) {
            CutServlet.cut(async);
        } else {
            reply.fail(request, response, reason, error);
            async.complete();
        }
    }

    /** An answer that cannot be written must not leave the container waiting for its end. */
    private void release() {
        try {
            withResponse(async::complete);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The container had ended the response already", e);
        }
    }

    @Override
    public void onWritePossible() {
        Pump driven = pump;
        if (driven != null) {
            driven.writable();
        }
    }

    @Override
    public void onError(Throwable error) {
        gone(error);
    }

    @Override
    public void onError(AsyncEvent event) {
        gone(event.getThrowable());
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        gone(null);
    }

    @Override
    public void onComplete(AsyncEvent event) {
        gone(null);
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}

    private void gone(@Nullable Throwable error) {
        leave();
        Pump driven = pump;
        if (driven != null) {
            driven.end(EndReason.CLIENT_GONE, error);
        }
    }

    /** Waits for a touch that is under way: none blocks, but better a race than a container's thread that hangs. */
    private void leave() {
        boolean locked = false;
        try {
            locked = lock.tryLock(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            over = true;
            if (locked) {
                lock.unlock();
            }
        }
    }
}
