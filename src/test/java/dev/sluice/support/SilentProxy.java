package dev.sluice.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a server and its database and can fall silent, as a host does that loses its power: connections stay
 * open, new ones are accepted, and nothing comes through. Thread-safe.
 */
public final class SilentProxy implements AutoCloseable {
    private static final CompletableFuture<Void> OPEN = CompletableFuture.completedFuture(null);

    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile CompletableFuture<Void> gate = OPEN;

    /** Forwards to a port of this machine. */
    public SilentProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** From now on nothing is forwarded. */
    public void fallSilent() {
        gate = new CompletableFuture<>();
    }

    /** Forwards again, what has come meanwhile as well. */
    public void speak() {
        CompletableFuture<Void> closed = gate;
        gate = OPEN;
        closed.complete(null);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        speak();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(database);
                start(() -> forward(client, database));
                start(() -> forward(database, client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void forward(Socket from, Socket to) {
        byte[] piece = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                gate.join();
                out.write(piece, 0, length);
            }
        } catch (IOException e) {
            // One side is gone; the other is closed with it.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "silent-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
