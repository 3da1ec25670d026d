/**
 * The head of each lane, unless something of that lane is under way or held, or its case is parked. Advice that was refused, or that its receiver has and whose
 * application's answer is awaited, holds nothing (ADR 0013).
 */
const FREE = `o.state IN ('waiting', 'leased')
  AND (o.lane IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.case_id = o.case_id AND earlier.lane = o.lane AND earlier.id < o.id
    AND earlier.state IN ('waiting', 'leased', 'held') AND (earlier.weight = 'commit' OR (earlier.state <> 'held' AND earlier.awaits IS NULL))))
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.case_id = o.case_id)`;

/** One receiver, or one kind of what has none: the queue in which an item stands. Of a page the destination is `page:CHANNEL`. */
const QUEUE = "CASE o.kind WHEN 'sendHl7' THEN 'to:' || o.destination WHEN 'page' THEN coalesce(o.destination, o.kind) ELSE o.kind END";

const place = (where: string): string => `INSERT OR REPLACE INTO outbox_ready (id, queue, rank, fresh, ready)
  SELECT o.id, ${QUEUE}, o.rank, o.attempt = 0, coalesce(o.lease_until, o.due) FROM outbox AS o WHERE ${where} AND ${FREE};`;

/** What stands in the lane of a row that was changed, placed anew. */
const laneOf = (row: 'new' | 'old'): string => {
  const open = `case_id = ${row}.case_id AND lane = ${row}.lane AND state IN ('waiting', 'leased', 'held')`;
  return `DELETE FROM outbox_ready WHERE id = ${row}.id OR id IN (SELECT id FROM outbox WHERE ${open});
  ${place(`o.case_id = ${row}.case_id AND o.lane = ${row}.lane`)}`;
};
const alone = `DELETE FROM outbox_ready WHERE id = new.id; ${place('o.id = new.id')}`;
const CHANGED = 'UPDATE OF state, due, lease_until, awaits ON outbox';

/** By name: after what, and what then. */
const TRIGGERS: Readonly<Record<string, readonly [on: string, body: string]>> = {
  outbox_placed: ["INSERT ON outbox WHEN new.state IN ('waiting', 'leased')", place('o.id = new.id')],
  outbox_moved: [`${CHANGED} WHEN new.lane IS NULL`, alone],
  outbox_lane_moved: [`${CHANGED} WHEN new.lane IS NOT NULL`, laneOf('new')],
  outbox_gone: ['DELETE ON outbox', `DELETE FROM outbox_ready WHERE id = old.id; ${place('o.case_id = old.case_id AND o.lane = old.lane')}`],
  outbox_parked: ['INSERT ON parked', 'DELETE FROM outbox_ready WHERE id IN (SELECT id FROM outbox WHERE case_id = new.case_id);'],
  outbox_unparked: ['DELETE ON parked', place('o.case_id = old.case_id')],
};
const MADE = Object.entries(TRIGGERS).map(([name, [on, body]]) => `CREATE TRIGGER ${name} AFTER ${on} BEGIN ${body} END;\n`).join(''); // prettier-ignore
const DROPPED = Object.keys(TRIGGERS).map((name) => `DROP TRIGGER ${name};\n`).join(''); // prettier-ignore

/**
 * What can be claimed, and from when: small rows beside the deliveries, in the order in which they are chosen, so that the next one is one look into an index however
 * many wait. Triggers keep it with every change of a delivery, whoever makes it.
 */
export const OUTBOX_READY = `
ALTER TABLE outbox ADD COLUMN rank INTEGER NOT NULL DEFAULT 2;
CREATE TABLE outbox_ready (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, rank INTEGER NOT NULL, fresh INTEGER NOT NULL, ready TEXT NOT NULL) STRICT;
CREATE INDEX outbox_ready_next ON outbox_ready (queue, rank, fresh, ready, id);
${place('TRUE')}
${MADE}`;

/** Behind the note in a page's key, as version 6 wrote it: `…/alert-sms-dr-okafor`, `…/failsafe-print`. */
const CHANNELS = ['pager', 'sms', 'voice', 'email'].map((channel) => `WHEN key GLOB '*-${channel}-*' THEN 'page:${channel}'`).join(' ');

/** Pages wait by their channel. One that does not say it in its key, being too long, stays in the queue `page`. */
export const OUTBOX_BY_CHANNEL = `
UPDATE outbox SET destination = CASE ${CHANNELS} WHEN key GLOB '*-print' THEN 'page:print' END
  WHERE kind = 'page' AND state IN ('waiting', 'leased', 'held');
${DROPPED}${MADE}${place("o.kind = 'page'")}
`;
