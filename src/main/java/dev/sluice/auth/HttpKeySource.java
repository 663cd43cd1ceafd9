package dev.sluice.auth;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A key set behind an address, which the settings have checked: who can change the answer can make tokens. For the same
 * reason it follows no redirect. Time and size are bounded. Thread-safe.
 */
final class HttpKeySource implements KeySource {
    private static final Duration TIME_LIMIT = Duration.ofSeconds(5);

    private final URI address;
    private final Duration timeLimit;
    private final HttpClient client;

    HttpKeySource(String address) {
        this(address, TIME_LIMIT);
    }

    HttpKeySource(String address, Duration timeLimit) {
        this.address = URI.create(address);
        this.timeLimit = timeLimit;
        this.client = HttpClient.newBuilder()
                .connectTimeout(timeLimit)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    @Override
    public String read() throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(timeLimit)
                .header("Accept", "application/json")
                .build();
        CompletableFuture<HttpResponse<InputStream>> response =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        try {
            return response.thenApplyAsync(HttpKeySource::body).get(timeLimit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no key set from " + address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            abandon(response);
        }
    }

    private static String body(HttpResponse<InputStream> response) {
        try (InputStream in = response.body()) {
            byte[] body = in.readNBytes(MOST + 1);
            if (response.statusCode() != 200 || body.length > MOST) {
                throw new IOException("status " + response.statusCode() + ", " + body.length + " bytes");
            }
            return new String(body, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends what still runs: closing the stream also wakes who reads it. */
    private static void abandon(CompletableFuture<HttpResponse<InputStream>> response) {
        response.cancel(true);
        var unused = response.thenAccept(late -> {
            try {
                late.body().close();
            } catch (IOException e) {
                // It is of no use any more.
            }
        });
    }
}
