export type Unsubscribe = () => void;

/** `closed`: not wanted. `waiting`: it broke and is tried again at `retryAt`. `refused`: a token is needed, or another. */
export type State = 'closed' | 'connecting' | 'connected' | 'waiting' | 'refused';

export interface Status {
  readonly state: State;
  /** Of the last connection; a guest gets another with each. Null on the gateway. */
  readonly userId: string | null;
  /** Milliseconds since 1970, while waiting. */
  readonly retryAt: number | null;
  /** How the last connection ended, until the next is there: see docs/reference/sockets.md for the codes. */
  readonly lost: { code: number; reason: string } | null;
}

export interface RealtimeOptions {
  /** `ws` without it; `ws/gateway` has one channel, `chat`, without presence, history and rooms. */
  url?: string | URL;
  /** The application's address; without it the one this module was loaded from. */
  baseUrl?: string | URL;
  /**
   * An access token or API key; none for a guest. A function is asked before each connection, and again before a token
   * runs out; when the server refuses its answer, it is asked once more, with that answer, for another one.
   */
  token?: string | null | ((refused?: string) => string | null | undefined | Promise<string | null | undefined>);
  /** Milliseconds before the first new connection; twice as long each time, up to 20 s, with jitter. 500 without it. */
  backoff?: number;
  /** In place of the global one. */
  WebSocket?: new (url: string) => WebSocket;
}

export interface Position {
  epoch: string;
  offset: number;
}

export interface Message<T = unknown> {
  data: T;
  /** `message` unless the publisher said otherwise. */
  event: string;
  /** Null on the gateway. */
  offset: number | null;
}

export interface Member {
  userId: string;
  name: string;
}

/** One connection at a time, for all channels and rooms; it comes back by itself until it is closed. */
export class Realtime {
  constructor(options?: RealtimeOptions);
  /** Another object after each change. */
  readonly status: Status;
  connect(): void;
  close(): void;
  /** A new connection for another caller. */
  reconnect(): void;
  /** Waits no longer, or tries again after `refused`. */
  retry(): void;
  /** The same object for the same name. `token` gives subscription tokens, before each subscription. */
  channel<T = unknown>(name: string, options?: { token?: (channel: string) => string | Promise<string> }): Channel<T>;
  /** The same object for the same name. */
  room(name: string): Room;
  /**
   * Publishes, once there is a connection. It is sent once: rejects with `disconnected` when the connection breaks before
   * the answer, and then nobody knows whether it was published.
   */
  publish(channel: string, data: unknown, event?: string): Promise<Position>;
  /** Sends any message of the protocol and gives the payload of its answer. Rejects at once without a connection. */
  request(type: string, payload: object): Promise<any>;
  on(event: 'status', listener: (status: Status) => void): Unsubscribe;
  /** What the server says, by its type: `announcement`, `error`, … */
  on(event: string, listener: (payload: any) => void): Unsubscribe;
}

export interface ChannelValue {
  readonly state: 'idle' | 'subscribing' | 'subscribed' | 'refused';
  /** After a break: whether everything that was missed has come. Null when nothing could be missed. */
  readonly recovered: boolean | null;
  readonly error: { code: string; message: string } | null;
  /** With `watchPresence`: the first hundred, in the order of joining, and how many there are. */
  readonly members: Member[];
  readonly memberCount: number;
  readonly typing: Member[];
}

export class Channel<T = unknown> {
  readonly name: string;
  /** Another object after each change. */
  readonly value: ChannelValue;
  /** The newest publication that was told. */
  readonly position: Position | null;
  /** Subscribes while anybody listens. Each publication is told once and in order, over breaks as well. */
  listen(listener?: (message: Message<T>) => void, options?: { since?: Position | null }): Unsubscribe;
  publish(data: T, event?: string): Promise<Position>;
  watchPresence(): void;
  /** May be called for each key that is pressed. */
  setTyping(typing: boolean): void;
  on(event: 'change', listener: (value: ChannelValue) => void): Unsubscribe;
  on(event: 'message', listener: (message: Message<T>) => void): Unsubscribe;
}

/** `deleted`: taken back by an admin. */
export interface Said {
  readonly kind: 'message' | 'deleted';
  readonly key: number;
  /** Missing until the server has it. */
  readonly offset?: number;
  readonly from: string;
  readonly userId: string;
  readonly text: string;
  readonly ts: number;
  readonly isMine: boolean;
  /** `unknown`: the connection broke on the way, and it cannot be told whether it arrived. */
  readonly status: 'sending' | 'sent' | 'failed' | 'unknown';
  readonly error: string | null;
}

/** Stands before what came during a break: all of it, so many messages. */
export interface Away {
  readonly kind: 'away';
  readonly key: number;
  readonly messages: number;
}

/** Stands where something is missing: so many entries of the history, or nobody knows how many. */
export interface Missed {
  readonly kind: 'missed';
  readonly key: number;
  readonly missing: number | null;
}

export interface RoomValue {
  readonly state: 'idle' | 'joining' | 'joined' | 'refused';
  readonly error: { code: string; message: string } | null;
  /** As the others see this connection. */
  readonly name: string | null;
  readonly userId: string | null;
  readonly members: Member[];
  readonly memberCount: number;
  readonly typing: Member[];
  /** The newest 500, oldest first; what has not arrived comes last. */
  readonly messages: Array<Said | Away | Missed>;
}

export class Room {
  readonly name: string;
  /** Another object after each change. */
  readonly value: RoomValue;
  /** Goes in, and stays in over every break. Without a name: the account's, or `Anonymous`. */
  join(options?: { name?: string }): Unsubscribe;
  /** Goes in once more under another name. */
  rename(name: string): Promise<void>;
  /** What becomes of it is told in its entry. Nothing is sent twice unless `sendAgain` is called. */
  send(text: string): void;
  sendAgain(key: number): void;
  discard(key: number): void;
  /** May be called for each key that is pressed. */
  setTyping(typing: boolean): void;
  on(event: 'change', listener: (value: RoomValue) => void): Unsubscribe;
  /** A message that came live. */
  on(event: 'said', listener: (message: { from: string; userId: string; text: string; ts: number; offset: number }) => void): Unsubscribe;
  /** After a break: how many messages of others came meanwhile, and how many entries are missing (null: nobody knows). */
  on(event: 'caughtUp', listener: (what: { recovered: boolean; messages: number; missing: number | null }) => void): Unsubscribe;
}

/**
 * `code` is the server's (docs/reference/sockets.md), or one of: `disconnected` (there is no connection, or it broke before
 * the answer), `unauthorized`, `too_many_waiting`, `invalid_option`.
 */
export class RealtimeError extends Error {
  readonly code: string;
}
