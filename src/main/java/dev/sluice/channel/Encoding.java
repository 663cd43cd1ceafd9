package dev.sluice.channel;

/**
 * How a protocol writes events. One constant for each protocol and kind of subscriber, so that all of them share what is
 * encoded once. Stateless.
 *
 * @param <F> what an event becomes
 */
@FunctionalInterface
public interface Encoding<F> {
    F encode(Event event);
}
