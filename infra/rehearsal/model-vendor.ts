import { createServer } from 'node:http';
import { listen, stopListening } from './listening.ts';

/** A vendor's model that takes every question and answers none: for rehearsing `--fault model-hangs`. */
export async function startHangingModel(port: number): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = createServer((request) => {
    request.resume();
  });
  const taken = await listen(server, port, 'the model (--model-port)');
  return {
    url: `http://127.0.0.1:${String(taken)}/model`,
    stop: async () => {
      server.closeAllConnections();
      await stopListening(server);
    },
  };
}
