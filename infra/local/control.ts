import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod/v4';
import type { AuditReply, Auditor } from '#ports/auditor.js';
import type { ReportDesk, ReportReply } from '#ports/critical-report.js';
import type { Custodian, CustodyReply, CustodyRequest } from '#ports/custody.js';
import type { CaseDesk, CaseReply, CaseRequest } from '#ports/case-desk.js';
import type { PaperDesk, PaperReply } from '#ports/downtime.js';
import type { DrillDesk, DrillReply, DrillRequest } from '#ports/drills.js';
import type { Operator, QueueReply, QueueRequest } from '#ports/queue.js';
import { accountOfProof } from './control-proof.ts';
import { controlAddress } from './control-address.ts';

/**
 * The running service's door for operators of this machine: a socket in the data folder (a named pipe on Windows), one request a connection.
 *
 * 1. service -> `{"nonce":"…"}`
 * 2. the caller makes the file `control/proof/NONCE` that holds the nonce: its owner is the account that asks
 * 3. caller -> `{"as":null,"request":{…}}`
 * 4. service -> `{"reply":{…}}` or `{"error":"…"}`
 *
 * Folder and socket are the service's own (0700). Operators with accounts of their own: `chgrp GROUP control && chmod 2750 control`, and let the group pass
 * through the folders above; the folder for the proofs is then 1770, so that nobody takes away another's.
 */
export interface Control {
  readonly address: string;
  close(): Promise<void>;
}

/** Somebody else's folder, or one that others may write to: no door is opened in it. */
export class ControlFolderUnsafe extends Error {}

/** Another process of this store answers operators already. */
export class ControlTaken extends Error {}

const LONGEST_REQUEST_BYTES = 64 * 1024;
const MOST_CONNECTIONS = 16;
/** For the whole of one connection; a bulk act on the disk may take a moment. */
const MOST_MILLISECONDS = 60_000;

const id = z.string().max(100);
const reason = z.string().max(500);
const filter = z.object({
  kind: z.enum(['delivery', 'event', 'message', 'arrival', 'answer', 'case', 'bulk', 'feed']).optional(),
  code: z.string().max(40).optional(),
  destination: z.string().max(100).optional(),
  state: z.string().max(40).optional(),
});
const which = z.object({ ids: z.array(id).max(500), filter: filter.nullable() });
const most = z.number().int().min(1).max(10_000);
const dryRun = z.boolean();
/** One filled-in line of a downtime list, as it was written. */
const cell = z.string().max(2000);
const paperRow = z.object({
  ...{ caseNumber: cell, revision: cell, asOf: cell, patient: cell, order: cell, decision: cell, protocol: cell, person: cell },
  ...{ decidedAt: cell, inRis: cell, note: cell },
});
const word = z.string().max(100).nullable();
const auditFilter = z.object({
  ...{ caseNumber: word, person: word, action: word, since: word, until: word },
  outcome: z.enum(['done', 'denied', 'nothing']).nullable(),
});
const written = z.string().max(1000).optional();
/** As TypedExam. */
const typedExam = z.strictObject({
  ...{ recordNumber: id.min(1), family: id.min(1), given: id, birthDate: z.iso.date().nullable() },
  exam: z.string().min(1).max(200),
});
/** What the form of a critical result asks for; the same names as the inputs of its card give the desk. */
const criticalFields = z
  .strictObject({
    category: z.enum(['1', '2', '3']).optional(),
    kind: z.enum(['withdrawn', 'wrong-patient', 'corrected']).optional(),
    ...{ identifier: written, finding: written, action: written, when: written, to: written, with: written },
  })
  .transform((fields) =>
    Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))),
  );
const request = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('list'), filter, most }),
  z.object({ ask: z.enum(['show', 'diff']), id }),
  z.object({ ask: z.literal('history'), id: id.nullable(), most }),
  z.object({ ask: z.enum(['retry', 'skip', 'release']), which, reason, dryRun }),
  z.object({ ask: z.literal('park'), caseNumber: id, reason, dryRun }),
  z.object({ ask: z.literal('confirm'), bulk: id }),
  z.object({ ask: z.literal('export'), id, reason }),
  z.object({ ask: z.literal('enter-paper'), row: paperRow, dryRun }),
  z.object({ ask: z.enum(['audit-query', 'audit-export']), filter: auditFilter }),
  z.object({ ask: z.literal('audit-next'), reading: id }),
  z.object({ ask: z.literal('keys-show') }),
  z.object({ ask: z.enum(['keys-rotate', 'retention-shorten', 'critical-policy-change']), reason, dryRun }),
  z.object({ ask: z.literal('retention-show'), caseNumber: id.nullable() }),
  z.object({ ask: z.enum(['retention-hold', 'retention-unhold', 'retention-shred']), caseNumber: id, reason, dryRun }),
  z.object({ ask: z.enum(['retention-confirm', 'critical-policy-confirm']), bulk: id }),
  z.object({ ask: z.literal('critical-policy-show') }),
  z.object({ ask: z.literal('case-show'), caseNumber: id }),
  z.object({
    ...{ ask: z.literal('case-answer'), caseNumber: id, protocolId: id.nullable(), text: z.string().max(2000).nullable() },
    verb: z.enum([
      ...(['approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question', 'remind', 'hand-over', 'take-back'] as const),
      ...(['release-critical', 'not-critical', 'recategorise', 'withdraw-critical', 'acknowledge', 'read-back', 'on-my-way'] as const),
      ...(['decline-alert', 'take-over', 'record-call', 'not-what-i-said', 'not-me', 'take-failsafe', 'record-attempt', 'seen'] as const),
      ...(['join-alert', 'keep-apart', 'follow-up-done'] as const),
    ]),
    confirmed: z.boolean().optional(),
    fields: criticalFields.optional(),
    to: id.optional(),
  }),
  z.object({
    ask: z.literal('case-declare'),
    of: z.union([z.strictObject({ caseNumber: id }), z.strictObject({ accession: id }), z.strictObject({ accession: id, typed: typedExam })]),
    finding: z.string().max(500),
    category: z.literal([1, 2, 3]).nullable(),
    side: z.enum(['left', 'right', 'both']).nullable(),
  }),
  z.object({ ask: z.enum(['case-alerts', 'case-follow-ups']) }),
  z.object({ ask: z.literal('critical-report'), from: id, to: id }),
  z.object({
    ...{ ask: z.literal('drill-start'), site: id.nullable(), service: id.nullable() },
    ...{ category: z.literal([1, 2]), reason: z.string().max(1000).nullable() },
  }),
  z.object({ ask: z.enum(['drill-stop', 'drill-show']), caseNumber: id }),
  z.object({ ask: z.literal('drill-list') }),
]);
const asked = z.object({ as: z.string().min(1).max(64).nullable(), request });

/** Who answers. */
export interface Desks {
  readonly operator: Operator;
  readonly paper: PaperDesk;
  readonly auditor: Auditor;
  readonly custodian: Custodian;
  readonly cases: CaseDesk;
  /** Left out: none are held. */
  readonly drills?: DrillDesk;
  /** Left out: the site has no critical results. */
  readonly reports?: ReportDesk | null;
}

/** Opens the door in `folder` (made when it is not there). @throws ControlFolderUnsafe, ControlTaken */
export async function listenControl(folder: string, desks: Desks): Promise<Control> {
  const address = controlAddress(folder);
  if (await isAnswered(address)) throw new ControlTaken('another process of this store answers it.');
  const proofs = prepare(folder);
  // A socket that lies there was left by one that is dead.
  if (process.platform !== 'win32') rmSync(address, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serve(socket, proofs, desks).catch(() => socket.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, address);
  if (process.platform !== 'win32') chmodSync(address, isShared(folder) ? 0o660 : 0o600);
  return {
    address,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** Makes the folders, takes away what earlier callers left. Gives the folder of the proofs. */
function prepare(folder: string): string {
  const proofs = join(folder, 'proof');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(folder);
  const isOurs = process.getuid === undefined || uid === process.getuid();
  if (process.platform !== 'win32' && (!isOurs || (mode & 0o027) !== 0)) {
    throw new ControlFolderUnsafe(`${folder} must belong to the account of the service, with mode 0700, or 2750 for a group of operators.`);
  }
  mkdirSync(proofs, { recursive: true });
  if (process.platform !== 'win32') chmodSync(proofs, isShared(folder) ? 0o1770 : 0o700);
  for (const left of readdirSync(proofs)) rmSync(join(proofs, left), { recursive: true, force: true });
  return proofs;
}

function isShared(folder: string): boolean {
  return (statSync(folder).mode & 0o050) === 0o050;
}

async function serve(socket: Socket, proofs: string, desks: Desks): Promise<void> {
  socket.setTimeout(MOST_MILLISECONDS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const nonce = randomBytes(24).toString('hex');
  const proof = join(proofs, nonce);
  try {
    socket.write(`${JSON.stringify({ nonce })}\n`);
    const line = await lineOf(socket);
    if (line === null) return;
    socket.end(`${JSON.stringify(await answer(line, proof, nonce, desks))}\n`);
  } finally {
    rmSync(proof, { force: true });
  }
}

type Reply = QueueReply | PaperReply | AuditReply | CustodyReply | CaseReply | ReportReply | DrillReply;
type Answered = { readonly reply: Reply } | { readonly error: string };

async function answer(line: string, proof: string, nonce: string, desks: Desks): Promise<Answered> {
  const { operator, paper, auditor, custodian, cases, reports, drills } = desks;
  const parsed = asked.safeParse(jsonOf(line));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { error: `The request can't be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no JSON'}.` };
  }
  const account = await accountOfProof(proof, nonce);
  if (!account.ok) return { error: account.why };
  try {
    const caller = { account: account.name, as: parsed.data.as };
    const { request: wanted } = parsed.data;
    if (wanted.ask === 'enter-paper') return { reply: await paper.enter(caller, wanted) };
    if (wanted.ask === 'audit-query' || wanted.ask === 'audit-export' || wanted.ask === 'audit-next')
      return { reply: await auditor.ask(caller, wanted) };
    if (wanted.ask === 'critical-report') return { reply: (await reports?.ask(caller, wanted)) ?? NO_CRITICAL_RESULTS };
    if (isOfDrills(wanted)) return { reply: (await drills?.ask(caller, wanted)) ?? NO_CRITICAL_RESULTS };
    if (isOfCase(wanted)) return { reply: await cases.ask(caller, wanted) };
    if (isOfCustody(wanted)) return { reply: await custodian.ask(caller, wanted) };
    return { reply: await operator.ask(caller, wanted as QueueRequest) };
  } catch (error) {
    return {
      error: `The service could not do it: ${error instanceof Error ? error.name : 'unknown fault'}. Its log says more; what was not answered was not done.`,
    };
  }
}

const NO_CRITICAL_RESULTS: ReportReply = {
  ok: false,
  code: 'not-possible',
  text: 'This site has not set up critical results: there is nothing to report.',
};

function isOfDrills<Any extends { readonly ask: string }>(wanted: Any): wanted is Any & DrillRequest {
  return wanted.ask.startsWith('drill-');
}

function isOfCase<Any extends { readonly ask: string }>(wanted: Any): wanted is Any & CaseRequest {
  return wanted.ask.startsWith('case-');
}

function isOfCustody<Any extends { readonly ask: string }>(wanted: Any): wanted is Any & CustodyRequest {
  return /^(?:keys|retention|critical-policy)-/u.test(wanted.ask);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The first line; null when the caller went, or sent more than a request can be. */
function lineOf(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > LONGEST_REQUEST_BYTES) socket.destroy();
    });
    socket.once('close', () => {
      resolve(null);
    });
  });
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const caller = connect(address);
    caller.once('connect', () => {
      caller.destroy();
      resolve(true);
    });
    caller.once('error', () => {
      resolve(false);
    });
  });
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
