/** What is said on `/ws` and on `/ws/gateway`: how one comes in, and in the gateway's case what its frames mean. */
import { RealtimeError } from './errors.js';

export function protocolOf(url) {
  return new URL(url).pathname.endsWith('/ws/gateway') ? GATEWAY : OWN;
}

/** The server greets who may stay without a token, before it answers anything. */
const OWN = {
  async enter(link, token, greeting) {
    if (token) return (await link.request('auth', { token })).payload;
    await link.request('ping', {});
    return greeting() ?? refuse();
  },
  request: (link, type, payload) => link.request(type, payload),
  read: (frame) => frame,
};

const CHANNEL = 'chat';

/**
 * The gateway has one channel, `chat`, in which all are. It acknowledges nothing: what was sent counts as published, and
 * comes back like everybody's.
 */
const GATEWAY = {
  async enter(link, token) {
    await (token ? link.request('auth', { token }) : link.request('echo', {}));
    return { userId: null, connectionId: null };
  },
  async request(link, type, { channel, data, ...rest }) {
    if (type === 'refresh') return link.request(type, rest);
    if (channel !== CHANNEL) throw new RealtimeError('unknown_channel', `The gateway has one channel, "${CHANNEL}".`);
    if (type === 'channel:publish') link.send('message', { type: 'message', ...data });
    else if (!SILENT.has(type)) throw new RealtimeError('not_available', `The gateway knows no ${type}.`);
    return { type: 'ok', payload: { channel, recovered: false, publications: [] } };
  },
  read(frame) {
    if (frame.type !== CHANNEL) return frame;
    const data = frame.payload;
    return { ...frame, type: 'channel:message', payload: { channel: CHANNEL, data, event: data.type, offset: null } };
  },
};

const SILENT = new Set(['channel:subscribe', 'channel:unsubscribe']);

function refuse() {
  throw new RealtimeError('unauthorized', 'A token is needed.');
}
