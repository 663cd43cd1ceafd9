package dev.sluice.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network between client and server that breaks when it is told to: after so many bytes of answers, the connection
 * that carries them is over. The server sees a reset, the client all of those bytes and then an ordinary end of the
 * connection, which is the harder one to tell from a complete answer. Other connections pass. It may also be down as a
 * whole, and lead to another server. Thread-safe.
 */
public final class CuttingProxy implements AutoCloseable {
    private static final int CHUNK = 8192;

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Deque<Long> cuts = new ArrayDeque<>();
    private volatile InetSocketAddress target;
    private volatile boolean isDown;
    private long passed;
    private int made;
    /** The answer that reached the end of what may pass holds still until it is cut; the others pass. */
    private boolean holds;

    private boolean held;

    private CuttingProxy(InetSocketAddress target, ServerSocket listener) {
        this.target = target;
        this.listener = listener;
    }

    /** Starts one in front of an address. */
    public static CuttingProxy inFrontOf(String url) {
        try {
            CuttingProxy proxy =
                    new CuttingProxy(address(url), new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            proxy.thread(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With a slash at its end. */
    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/";
    }

    private static InetSocketAddress address(String url) {
        URI uri = URI.create(url);
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    /** Cuts all connections, and each new one at once, until it is {@link #up}. */
    public void down() {
        isDown = true;
        open.forEach(CuttingProxy::reset);
        open.clear();
    }

    public void up() {
        isDown = false;
    }

    /** Cuts all connections; new ones lead to this address. */
    public void leadTo(String url) {
        down();
        target = address(url);
        up();
    }

    /** From now on: a cut after so many bytes of answers, then one after so many more, and so on. */
    public synchronized void cutAfter(long... bytes) {
        cuts.clear();
        passed = 0;
        made = 0;
        for (long count : bytes) {
            cuts.add(count);
        }
    }

    /**
     * From now on: the connection that carries the last of so many bytes of answers holds still, until {@link #cutHeld}.
     */
    public synchronized void holdAfter(long bytes) {
        cutAfter(bytes);
        holds = true;
    }

    /** Cuts the connection that holds still. */
    public synchronized void cutHeld() {
        holds = false;
        notifyAll();
    }

    /** How many cuts there have been since they were ordered. */
    public synchronized int cuts() {
        return made;
    }

    @Override
    public void close() {
        quietly(listener::close);
        open.forEach(CuttingProxy::reset);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            open.add(client);
            thread(() -> lead(client));
        }
    }

    /** A server that does not answer, and a network that is down, look alike. */
    private void lead(Socket client) throws IOException {
        Socket server = new Socket();
        open.add(server);
        try {
            if (isDown) {
                throw new IOException("down");
            }
            server.connect(target);
        } catch (IOException e) {
            reset(client);
            return;
        }
        thread(() -> pass(client, server, false));
        pass(server, client, true);
    }

    private void pass(Socket from, Socket to, boolean answers) throws IOException {
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                int allowed = answers ? allow(read) : read;
                out.write(chunk, 0, allowed);
                if (allowed < read) {
                    reset(from);
                    to.close();
                    return;
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        }
    }

    /** How many of these bytes still pass; fewer than all means a cut. */
    private synchronized int allow(int bytes) {
        Long next = cuts.peek();
        if (next == null || held || passed + bytes < next) {
            passed += bytes;
            return bytes;
        }
        hold();
        int allowed = (int) Math.max(0, next - passed);
        cuts.remove();
        passed = 0;
        made++;
        return Math.min(allowed, bytes - 1);
    }

    private synchronized void hold() {
        held = holds;
        try {
            while (holds) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        held = false;
    }

    private static void reset(Socket socket) {
        quietly(() -> {
            socket.setSoLinger(true, 0);
            socket.close();
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private void thread(Work work) {
        Thread thread = new Thread(() -> quietly(work), "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** A socket that is gone is what this class is for. */
    private static void quietly(Work work) {
        try {
            work.run();
        } catch (IOException e) {
            // gone
        }
    }
}
