/** What the server refused, or what became of a connection. */
export class RealtimeError extends Error {
  name = 'RealtimeError';

  /** @param code of the server's error, or one of those that sluice.d.ts lists */
  constructor(code, message = code) {
    super(message);
    this.code = code;
  }
}

/** Whether the same may succeed in a while. */
export function isTemporary({ code }) {
  return code === 'unavailable' || code === 'too_many_requests';
}

export function disconnected() {
  return new RealtimeError('disconnected', 'The connection broke.');
}
