import type { Custodian } from '#ports/custody.js';
import { custodian } from './custodian.ts';
import type { Keeping } from './custodian.ts';
import { startPoller } from './poller.ts';
import { sweepRetention } from './retention.ts';

const SWEEP_EVERY_SECONDS = 3600;

export interface CustodyWork {
  readonly custodian: Custodian;
  /** Ends between two steps; a rotation that is not at its end goes on at the next start. */
  stop(): Promise<void>;
}

/** Looks after keys and retention while the service runs: brings a rotation that was cut short to its end, and takes away what is too old, once an hour. */
export function startCustody(keeping: Omit<Keeping, 'rewrap'>): CustodyWork {
  const { custody, wanted } = keeping;
  const { clock, log } = keeping.parts;
  const ending = new AbortController();
  const stop = ending.signal;
  let underWay: Promise<void> = Promise.resolve();
  const finish = async (): Promise<void> => {
    try {
      const rewrapped = (await custody?.keys.rewrap(stop)) ?? null;
      if (rewrapped !== null) log.info('site-key.rewrapped', { keys: rewrapped.dataKeys, done: rewrapped.done });
    } catch (fault) {
      log.error('site-key.not-rewrapped', { fault });
    }
  };
  const rewrap = (): void => {
    underWay = underWay.then(finish);
  };
  if (custody?.keys.made === true) log.info('site-key.made');
  rewrap();
  const sweeping =
    custody === null
      ? null
      : startPoller(
          { name: 'retention', everySeconds: SWEEP_EVERY_SECONDS, ask: () => sweepRetention({ data: custody.data, wanted, clock, log, stop }) },
          log,
        );
  return {
    custodian: custodian({ ...keeping, rewrap }),
    async stop() {
      ending.abort();
      await Promise.all([underWay, sweeping?.stop()]);
    },
  };
}
