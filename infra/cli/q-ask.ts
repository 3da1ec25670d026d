import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { openDatabase } from '#adapters/embedded/database.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import { wallClock } from '#adapters/embedded/surroundings.js';
import { fieldsOf } from '#adapters/hl7/fields.js';
import { look } from '#engine/operator-look.js';
import type { Look } from '#engine/operator-look.js';
import type { AuditReply, AuditRequest } from '#ports/auditor.js';
import type { ReportReply, ReportRequest } from '#ports/critical-report.js';
import type { CustodyReply, CustodyRequest } from '#ports/custody.js';
import type { CaseReply, CaseRequest } from '#ports/case-desk.js';
import type { PaperReply, PaperRequest } from '#ports/downtime.js';
import type { DrillReply, DrillRequest } from '#ports/drills.js';
import type { QueueReply, QueueRequest } from '#ports/queue.js';
import { PathTooLong, controlAddress, controlFolder } from '../local/control-address.ts';
import { USUAL_DATA, storeFolder } from './store-folder.ts';

/** What every `radloop q` command takes. */
const common = {
  data: { type: 'string', default: USUAL_DATA },
  json: { type: 'boolean', default: false },
  as: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const COMMON_HELP = `  --data DIR     the folder that npm start was given (${USUAL_DATA})
  --json         one JSON object a line
  --as PERSON    rehearsal site only: play this person of people.json`;

/** The words and options of one command. @throws an error of parseArgs, which names the option */
export function words<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  return parseArgs({ args, allowPositionals: true, options: { ...common, ...options } });
}

/** Nothing can be asked: the sentence says what to do. */
export class NoAnswer extends Error {
  readonly code: 1 | 2;
  constructor(code: 1 | 2, text: string) {
    super(text);
    this.code = code;
  }
}

interface Where {
  readonly data: string;
  readonly as?: string | undefined;
}

/** Sends the request to the running service, which decides. @throws NoAnswer when no service runs, or when it may not be asked */
export async function ask({ data, as }: Where, request: QueueRequest): Promise<QueueReply> {
  const reply = await askService<QueueReply>(doorOf(data), request, as ?? null);
  if (reply !== null) return reply;
  throw new NoAnswer(
    1,
    `The service does not run on ${data}, and only the running service decides: start it (npm start -- --data ${data}). Without it only list, show and history work.`,
  );
}

/** One filled-in row of a downtime list. @throws NoAnswer as `ask` */
export async function askPaper({ data, as }: Where, request: PaperRequest): Promise<PaperReply> {
  const reply = await askService<PaperReply>(doorOf(data), request, as ?? null);
  if (reply !== null) return reply;
  throw new NoAnswer(1, `The service does not run on ${data}, and only the running service takes decisions: start it (npm start -- --data ${data}).`);
}

/** What somebody asks about a case. @throws NoAnswer as `ask` */
export async function askCase({ data, as }: Where, request: CaseRequest): Promise<CaseReply> {
  const reply = await askService<CaseReply>(doorOf(data), request, as ?? null);
  if (reply !== null) return reply;
  throw new NoAnswer(1, `The service does not run on ${data}, and only the running service decides: start it (npm start -- --data ${data}).`);
}

/** What an auditor asks of the running service; null when none runs. @throws NoAnswer as `ask` */
export function askAudit({ data, as }: Where, request: AuditRequest): Promise<AuditReply | null> {
  return askService<AuditReply>(doorOf(data), request, as ?? null).catch((error: unknown) => {
    if (error instanceof PathTooLong) return null;
    throw error;
  });
}

/** What looks after keys and retention; null when no service runs. @throws NoAnswer as `ask` */
export function askCustody({ data, as }: Where, request: CustodyRequest): Promise<CustodyReply | null> {
  return askService<CustodyReply>(doorOf(data), request, as ?? null).catch((error: unknown) => {
    if (error instanceof PathTooLong) return null;
    throw error;
  });
}

/** What somebody asks of the times of critical results; null when no service runs. @throws NoAnswer as `ask` */
export function askReport({ data, as }: Where, request: ReportRequest): Promise<ReportReply | null> {
  return askService<ReportReply>(doorOf(data), request, as ?? null).catch((error: unknown) => {
    if (error instanceof PathTooLong) return null;
    throw error;
  });
}

/** A drill, or what came of it. @throws NoAnswer as `ask` */
export async function askDrill({ data, as }: Where, request: DrillRequest): Promise<DrillReply> {
  const reply = await askService<DrillReply>(doorOf(data), request, as ?? null);
  if (reply !== null) return reply;
  throw new NoAnswer(1, `The service does not run on ${data}, and only the running service calls anybody: start it (npm start -- --data ${data}).`);
}

/** As `ask`; without a running service the store itself is read. */
export async function askOrLook({ data, as }: Where, request: Look & { readonly ask: 'list' | 'show' | 'history' }): Promise<QueueReply> {
  const reply = await askService<QueueReply>(doorOf(data), request, as ?? null).catch((error: unknown) => {
    if (error instanceof PathTooLong) return null;
    throw error;
  });
  if (reply !== null) return reply;
  const db = openDatabase(storeOf(data), { readOnly: true });
  try {
    return await look({ queue: queueStore(db), fieldsOf }, request, wallClock.now());
  } finally {
    await db.close();
  }
}

/** The folder by which a service is asked: of its store, or where that is on Azure of its door alone. */
function doorOf(data: string): string {
  const found = [join(resolve(data), 'store'), resolve(data)].find((folder) => existsSync(controlFolder(folder)));
  return storeFolder(data) ?? found ?? storeOf(data);
}

export function storeOf(data: string): string {
  const folder = storeFolder(data);
  if (folder !== null) return folder;
  throw new NoAnswer(2, `${data} holds no store of Radloop (radloop.sqlite): name the folder that npm start was given with --data DIR.`);
}

/** Longer than the service allows one connection. */
const ANSWER_WITHIN_MS = 70_000;

type Asked = QueueRequest | PaperRequest | AuditRequest | CustodyRequest | CaseRequest | ReportRequest | DrillRequest;

/** Null when no service listens. */
async function askService<Reply>(store: string, request: Asked, as: string | null): Promise<Reply | null> {
  const folder = controlFolder(store);
  const socket = await connected(controlAddress(folder));
  if (socket === null) return null;
  const lines = linesOf(socket);
  let proof: string | null = null;
  try {
    const { nonce } = JSON.parse(await lines()) as { nonce: string };
    if (!/^[0-9a-f]{48}$/u.test(nonce)) throw new NoAnswer(1, 'What listens on the control socket is not this Radloop.');
    proof = join(folder, 'proof', nonce);
    writeFileSync(proof, nonce, { flag: 'wx', mode: 0o644 });
    socket.write(`${JSON.stringify({ as, request })}\n`);
    const answered = JSON.parse(await lines()) as { reply?: Reply; error?: string };
    if (answered.reply === undefined) throw new NoAnswer(1, answered.error ?? 'The service gave no answer.');
    return answered.reply;
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    throw new NoAnswer(
      1,
      `The service did not answer (${error instanceof Error ? error.message : 'unknown'}). "radloop q history" shows whether it was done.`,
    );
  } finally {
    if (proof !== null) rmSync(proof, { force: true });
    socket.destroy();
  }
}

function connected(address: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null);
      else if (error.code === 'EACCES')
        reject(new NoAnswer(1, `Your account may not ask the service (${address}): infra/local/control.ts says how a group of operators is let in.`));
      else reject(error);
    });
  });
}

/** Reads the socket line by line. */
function linesOf(socket: Socket): () => Promise<string> {
  let text = '';
  let ended: Error | null = null;
  let tell: (() => void) | null = null;
  socket.setEncoding('utf8');
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('it took too long')));
  socket.on('data', (chunk: string) => {
    text += chunk;
    tell?.();
  });
  socket.on('error', (error) => {
    ended = error;
    tell?.();
  });
  socket.on('close', () => {
    ended ??= new Error('the connection ended');
    tell?.();
  });
  return async () => {
    for (;;) {
      const end = text.indexOf('\n');
      if (end >= 0) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        return line;
      }
      if (ended !== null) throw ended;
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    }
  };
}

/** Runs one command; what can't be asked is said in a sentence. */
export async function answered(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    console.error(error.message);
    return error.code;
  }
}
