/** Lets messages in; long waits by a timer, none by a message to ourselves (timers are held back to 4 ms). */
export function pauseFor(ms: number): Promise<void> {
  if (ms >= 4) return new Promise((resolve) => setTimeout(resolve, ms));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
