import { useChannel, useRealtime } from '@streetjs/react';

function ChatRoom() {
  const rt = useRealtime();                 // connects on mount, closes on unmount
  useChannel<{ user: string; text: string }>('chat', (msg) => {
    console.log(msg.data.user, msg.data.text);
  });
  return <button onClick={() => rt.send('chat', { user: 'me', text: 'hi' })}>Send</button>;
}
