/**
 * Hooks for React 18 or newer over sluice.js. All components of a page share one connection: it is opened when the first
 * of them is mounted and closed behind the last. `react` is imported by its bare name: bring a bundler or an import map.
 */
import { createContext, createElement, useCallback, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { Realtime } from './sluice.js';

const Context = createContext(null);

/** Who needs a connection, by its client: components that come and go in one breath do not close it. */
const users = new WeakMap();
let page = null;

/**
 * Says which connection the hooks below it use: a `client` of one's own, or one for `url`, `token` and `baseUrl`. Without
 * a provider all hooks use one to the server that this module came from.
 */
export function SluiceProvider({ client, url, token, baseUrl, children }) {
  const latest = useRef(token);
  // While rendering: the components below connect before an effect of this one would run.
  latest.current = token;
  const made = useMemo(() => client ?? new Realtime({ url, baseUrl, token: tokenOf(latest) }), [client, url, baseUrl]);
  return createElement(Context.Provider, { value: made }, children);
}

/** `{ state, status, send(channel, data, event), client }`; connects on mount, closes on unmount. */
export function useRealtime() {
  const client = useClient();
  const status = useStore(client, 'status', () => client.status);
  const send = useCallback((channel, data, event) => client.publish(channel, data, event), [client]);
  return useMemo(() => ({ state: status.state, status, send, client }), [status, send, client]);
}

/** Calls `listener({ data, event, offset })` for each publication; gives `{ state, recovered, error }`. */
export function useChannel(name, listener) {
  const client = useClient();
  const latest = useLatest(listener);
  const channel = client.channel(name);
  useEffect(() => channel.listen((message) => latest.current?.(message)), [channel, latest]);
  return useStore(channel, 'change', () => channel.value);
}

/** `{ members: [{ userId, name }], memberCount }` of a channel. */
export function usePresence(name) {
  const { members, memberCount } = useChannel(name);
  const channel = useClient().channel(name);
  useEffect(() => channel.watchPresence(), [channel]);
  return useMemo(() => ({ members, memberCount }), [members, memberCount]);
}

/** `{ typing: [{ userId, name }], setTyping(isTyping) }` of a channel. */
export function useTyping(name) {
  const { typing } = useChannel(name);
  const channel = useClient().channel(name);
  return useMemo(() => ({ typing, setTyping: (isTyping) => channel.setTyping(isTyping) }), [typing, channel]);
}

/** A chat room: its value, and `send(text)`, `sendAgain(key)`, `discard(key)`, `setTyping(isTyping)`. */
export function useRoom(name, { name: ownName } = {}) {
  const room = useClient().room(name);
  useEffect(() => room.join({ name: ownName }), [room, ownName]);
  const value = useStore(room, 'change', () => room.value);
  return useMemo(() => ({ ...value, ...verbs(room) }), [value, room]);
}

function verbs(room) {
  return {
    send: (text) => room.send(text),
    sendAgain: (key) => room.sendAgain(key),
    discard: (key) => room.discard(key),
    setTyping: (isTyping) => room.setTyping(isTyping),
  };
}

function useClient() {
  const client = useContext(Context) ?? (page ??= new Realtime());
  useEffect(() => {
    users.set(client, (users.get(client) ?? 0) + 1);
    client.connect();
    return () => {
      users.set(client, users.get(client) - 1);
      setTimeout(() => users.get(client) === 0 && client.close());
    };
  }, [client]);
  return client;
}

function useStore(emitter, event, value) {
  return useSyncExternalStore(useCallback((changed) => emitter.on(event, changed), [emitter, event]), value, value);
}

function useLatest(value) {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** A token that changes with the page's state reaches the next connection without a new client. */
function tokenOf(latest) {
  return (refused) => (typeof latest.current === 'function' ? latest.current(refused) : latest.current);
}
