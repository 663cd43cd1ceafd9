/**
 * Channels and chat rooms for programs and pages, over one connection that comes back by itself and says what was missed.
 * Runs in browsers and in Node 22 or newer (or with a `WebSocket` class given); an ES module without dependencies. The
 * types beside it (sluice.d.ts) say what each option does.
 */
import { RealtimeError } from './realtime/errors.js';
import { Realtime } from './realtime/realtime.js';

export { Realtime, RealtimeError };
