/** Sluice's own protocol on sockets: chat rooms, and channels of any kind. */
@NullMarked
package dev.sluice.realtime.chat;

import org.jspecify.annotations.NullMarked;
