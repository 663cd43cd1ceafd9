/** Centrifugo's JSON client protocol, so that its SDKs work unchanged, and its server API. */
@NullMarked
package dev.sluice.realtime.centrifugo;

import org.jspecify.annotations.NullMarked;
