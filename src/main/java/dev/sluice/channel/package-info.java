/**
 * Live channels: who may listen and publish where, who is there, what was said, and how nobody misses anything.
 *
 * <p>The door is {@link dev.sluice.channel.Channels}; other features publish through {@link
 * dev.sluice.channel.Publisher}.
 */
@NullMarked
package dev.sluice.channel;

import org.jspecify.annotations.NullMarked;
