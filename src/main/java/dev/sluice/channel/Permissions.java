package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.settings.NamespaceSettings;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Who may listen and publish where: whom one of the words of the namespace lets in, and where none does, whom its function
 * lets in. Nobody else. Thread-safe.
 */
final class Permissions {
    private static final CompletableFuture<Void> GRANTED = CompletableFuture.completedFuture(null);

    private final Answers answers;

    Permissions(Answers answers) {
        this.answers = answers;
    }

    /**
     * Completes when the caller may listen.
     *
     * @param byToken whether a subscription token says so
     * @param fresh whether the function must be asked again
     */
    CompletableFuture<Void> subscribing(Namespaces.Place place, Caller caller, boolean byToken, boolean fresh) {
        NamespaceSettings settings = place.namespace().settings();
        boolean open = settings.subscribe().stream()
                .anyMatch(word -> (byToken && word.equals(NamespaceSettings.TOKEN)) || letsIn(word, place, caller));
        return open ? GRANTED : ask(settings.subscribeFunction(), place, caller, fresh, "listen to");
    }

    /**
     * Completes when the caller may publish.
     *
     * @param subscribed whether the connection listens to the channel
     */
    CompletableFuture<Void> publishing(Namespaces.Place place, Caller caller, boolean subscribed) {
        if (!caller.mayWrite()) {
            return CompletableFuture.failedFuture(
                    new ChannelException(Reason.PERMISSION_DENIED, "The token is for reading only."));
        }
        NamespaceSettings settings = place.namespace().settings();
        boolean open = settings.publish().stream()
                .anyMatch(word ->
                        (subscribed && word.equals(NamespaceSettings.SUBSCRIBER)) || letsIn(word, place, caller));
        return open ? GRANTED : ask(settings.publishFunction(), place, caller, false, "publish to");
    }

    private static boolean letsIn(String word, Namespaces.Place place, Caller caller) {
        return switch (word) {
            case NamespaceSettings.PUBLIC -> true;
            case NamespaceSettings.SIGNED_IN -> caller.signedIn();
            case NamespaceSettings.OWNER ->
                caller.signedIn() && caller.subject().equals(place.name().rest());
            default ->
                word.startsWith(NamespaceSettings.ROLE)
                        && caller.hasRole(word.substring(NamespaceSettings.ROLE.length()));
        };
    }

    private CompletableFuture<Void> ask(
            Optional<String> function, Namespaces.Place place, Caller caller, boolean fresh, String what) {
        ChannelException denied =
                new ChannelException(Reason.PERMISSION_DENIED, "You may not " + what + " " + place.channel() + ".");
        return function.map(name -> answers.ask(name, caller, place.channel(), fresh)
                        .thenAccept(granted -> {
                            if (!granted) {
                                throw denied;
                            }
                        }))
                .orElseGet(() -> CompletableFuture.failedFuture(denied));
    }
}
