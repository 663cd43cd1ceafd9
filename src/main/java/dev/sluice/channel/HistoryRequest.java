package dev.sluice.channel;

import dev.sluice.broker.Position;
import java.util.Optional;

/**
 * A wish to read what is kept. Immutable.
 *
 * @param channel the whole name
 * @param limit publications at most; 0 = only where the stream stands; more than {@link Channels#PAGE_MOST} are never
 *     given at once, and fewer than asked for where they are large
 * @param since publications after this position, or before it when reversed; an empty epoch stands for the present one
 * @param reverse newest first
 */
public record HistoryRequest(String channel, int limit, Optional<Position> since, boolean reverse) {}
