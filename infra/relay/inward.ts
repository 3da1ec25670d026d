import { hash } from 'node:crypto';
import { toInstant } from '#core/time.js';
import { answersTo } from '#adapters/hl7/ack.js';
import type { AckCode } from '#adapters/hl7/ack.js';
import { splitBatch } from '#adapters/hl7/batch.js';
import { decode } from '#adapters/hl7/message.js';
import type { MllpAnswer, MllpFault, MllpServerOptions, PeerInfo } from '#adapters/hl7/mllp-server.js';
import type { Door } from './door.ts';
import type { RelaySettings } from './settings.ts';

/** One line: what happened, no patient data. */
export type Say = (event: string, more: Readonly<Record<string, string | number>>) => void;

const ER7 = 'x-application/hl7-v2+er7';
const NOTHING = { commit: null, application: null } as const;

/**
 * From a sender's connection to the site's HTTPS door and back. The relay accepts nothing itself: AA and CA are only ever the door's own bytes. It refuses by itself where
 * the door has not got the message for certain (AE 207: send it again; AR for who is unknown here or what the door will never take); where that is not certain it gives no
 * answer and ends the connection, because an AE would promise that nothing happened (invariant 5): the sender repeats, and the door knows the bytes.
 */
export function inward(settings: RelaySettings, door: Door, say: Say): Pick<MllpServerOptions, 'onMessage' | 'onOversize' | 'onFault'> {
  const tokenOf = ({ certificateNames }: PeerInfo): string | null =>
    settings.senders.find((sender) => sender.certificateNames.some((name) => certificateNames?.includes(name)))?.token ?? null;
  return {
    async onMessage(bytes, peer) {
      const token = tokenOf(peer);
      if (token === null) {
        say('relay.stranger', { address: peer.address });
        return refusal(bytes, 'AR', 'The certificate of this connection belongs to no sender that the relay knows');
      }
      const brought = await door.bring(bytes, ER7, token);
      switch (brought.kind) {
        case 'answered':
          return answersIn(brought.body, bytes);
        case 'not-taken':
          say('relay.not-taken', { address: peer.address, why: brought.why });
          return brought.isForGood
            ? refusal(bytes, 'AR', 'The message can not be taken')
            : refusal(bytes, 'AE', 'The message could not be handed on: send it again later');
        case 'unknown':
          say('relay.unknown', { address: peer.address, why: brought.why });
          throw new Error('no answer: whether the door has it is not known');
        default:
          return brought satisfies never;
      }
    },
    onOversize({ first64k, length }, peer) {
      say('relay.oversize', { address: peer.address, length });
      return Promise.resolve(refusal(first64k, 'AR', `Longer than the limit: ${String(length)} bytes`));
    },
    onFault(fault) {
      const { peer, why, length } = fault;
      say('relay.fault', { address: peer.address, why, length });
      const token = tokenOf(peer);
      if (token !== null && fault.bytes.length > 0) keepNoise(door, token, fault, say);
    },
  };
}

/** What was no message goes to the door too, which keeps it for the operator: as JSON that is no message, so that it can't be taken for one. */
function keepNoise(door: Door, token: string, { why, bytes, length }: MllpFault, say: Say): void {
  const body = Buffer.from(JSON.stringify({ fault: why, length, bytes: bytes.toString('base64') }));
  door.bring(body, 'application/json', token).then(
    (brought) => {
      // 400 is the door's answer to what it keeps and can't read.
      if (brought.kind !== 'not-taken' || !brought.isForGood) say('relay.fault-not-kept', { why });
    },
    () => {
      say('relay.fault-not-kept', { why });
    },
  );
}

/** The door's bytes as the frames of MLLP: in enhanced mode commit and application answer come as a batch of two. */
function answersIn(body: Buffer | null, sent: Buffer): MllpAnswer {
  const identity = hash('sha256', sent, 'hex');
  const isOne = sent.subarray(0, 3).toString('latin1') === 'MSH';
  const both = body !== null && isOne ? splitBatch(body) : null;
  if (both === null) return { commit: null, application: body, identity };
  const [commit = null, application = null] = both.messages;
  return { commit, application, identity };
}

function refusal(bytes: Buffer, code: Exclude<AckCode, 'AA'>, text: string): MllpAnswer {
  const rawHash = hash('sha256', bytes, 'hex');
  const errors = [{ segment: 'MSH', field: 0, code: '207', text }];
  return {
    ...NOTHING,
    ...answersTo(decode(bytes).message, { code, errors, notKept: code === 'AE' }, rawHash, toInstant(Date.now())),
    identity: rawHash,
  };
}
