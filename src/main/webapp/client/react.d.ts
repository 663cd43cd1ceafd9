import type { ReactElement, ReactNode } from 'react';
import type { ChannelValue, Member, Message, Position, Realtime, RealtimeOptions, RoomValue, State, Status } from './sluice.js';

export interface SluiceProviderProps extends Pick<RealtimeOptions, 'url' | 'token' | 'baseUrl'> {
  /** In place of one made of the other properties. */
  client?: Realtime;
  children?: ReactNode;
}

/** Says which connection the hooks below it use. Without one: `/ws` of the server this module came from, as a guest. */
export function SluiceProvider(props: SluiceProviderProps): ReactElement;

export interface RealtimeHandle {
  readonly state: State;
  readonly status: Status;
  /** As `Realtime.publish`. */
  readonly send: (channel: string, data: unknown, event?: string) => Promise<Position>;
  readonly client: Realtime;
}

/** Connects on mount, closes behind the last component that uses it. */
export function useRealtime(): RealtimeHandle;

export function useChannel<T = unknown>(name: string, listener?: (message: Message<T>) => void): ChannelValue;

export function usePresence(name: string): { members: Member[]; memberCount: number };

export function useTyping(name: string): { typing: Member[]; setTyping: (isTyping: boolean) => void };

export interface RoomHandle extends RoomValue {
  readonly send: (text: string) => void;
  readonly sendAgain: (key: number) => void;
  readonly discard: (key: number) => void;
  readonly setTyping: (isTyping: boolean) => void;
}

export function useRoom(name: string, options?: { name?: string }): RoomHandle;
