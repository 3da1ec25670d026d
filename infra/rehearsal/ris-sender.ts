import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange } from './mllp-link.ts';
import type { Exchange } from './mllp-link.ts';
import type { Ris } from './ris.ts';

const ACK_TIMEOUT_MS = 10_000;
const RETRY_MS = 1_000;

export interface RisSender {
  /** Something new is to be sent. */
  nudge(): void;
  readonly stop: () => Promise<void>;
}

/**
 * Sends what the RIS has written, one message at a time and in order. A message without an answer is sent again, byte for byte, for as long as it takes:
 * the line down, cut after sending and AE are all met with patience. AR is an answer: the order stands as refused.
 */
export function startSender(ris: Ris, to: { readonly host: string; readonly port: number }): RisSender {
  const stopping = new AbortController();
  let line: Exchange | null = null;
  let wake: () => void = () => undefined;
  const isStopping = (): boolean => stopping.signal.aborted;
  const work = async (): Promise<void> => {
    while (!isStopping()) {
      const message = ris.nextUnanswered();
      if (message === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      line ??= await open(to);
      if (line === null) {
        await rest();
        continue;
      }
      if (isStopping()) {
        await line.close();
        return;
      }
      ris.attempting(message);
      const answer = await line.send(message.text);
      if (answer === null) {
        line = null;
        if (isStopping()) return;
        ris.note(`no answer to ${message.controlId}`);
        await rest();
        continue;
      }
      ris.answered(message, answer);
      if (ris.nextUnanswered()?.controlId === message.controlId) await rest();
    }
  };
  const rest = async (): Promise<void> => {
    await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
  };
  const done = work();
  return {
    nudge: () => {
      wake();
    },
    stop: async () => {
      stopping.abort();
      wake();
      await line?.close();
      await done;
    },
  };
}

async function open(to: { readonly host: string; readonly port: number }): Promise<Exchange | null> {
  const socket = await new Promise<Socket | null>((resolve) => {
    const trying = connect({ host: to.host, port: to.port, noDelay: true });
    trying.once('connect', () => {
      resolve(trying);
    });
    trying.once('error', () => {
      resolve(null);
    });
  });
  return socket === null ? null : exchange(socket, ACK_TIMEOUT_MS);
}
