import { openPagingAnswers } from './paging-answers.ts';
import type { AnswersTo } from './paging-answers.ts';
import { openPagingFaults } from './paging-faults.ts';
import { startPagingHttp } from './paging-http.ts';
import { openPagingLedger } from './paging-ledger.ts';
import type { PageLine } from './paging-ledger.ts';
import { startPagingPrinter } from './paging-printer.ts';
import { startPagingSmtp } from './paging-smtp.ts';
import type { PagingSmtpOptions } from './paging-smtp.ts';

/** What the rehearsal's pages are signed with: known to everybody. */
export const REHEARSAL_SECRET = 'rehearsal-pages-not-secret';
export const REHEARSAL_ACCESS_KEY = Buffer.from('rehearsal-gateway-not-secret').toString('base64');

export interface PagingSideOptions {
  readonly dataDir: string;
  /** 0: any free one. */
  readonly ports: { readonly pages: number; readonly smtp: number; readonly printer: number };
  readonly secrets?: readonly string[];
  readonly accessKey?: string;
  readonly smtp?: Pick<PagingSmtpOptions, 'tls' | 'login'>;
  readonly onMail?: PagingSmtpOptions['onMail'];
  /** Left out: the gateway tells nobody what became of an SMS or a call. */
  readonly answersTo?: AnswersTo;
}

export interface PagingSide {
  /** Of the page that shows what arrived; /pager, /sms and /calls are under it. */
  readonly url: string;
  readonly smtpPort: number;
  readonly printerPort: number;
  readonly lines: readonly PageLine[];
  /** As POST /faults. @returns what is wrong with it; undefined: it stands */
  readonly fault: (body: unknown) => string | undefined;
  /** As POST /replies. @returns what is wrong with it; undefined: it is on its way */
  readonly answer: (body: unknown) => string | undefined;
  readonly stop: () => Promise<void>;
}

/** Everything that a page goes to, on loopback: a paging system, an SMS and voice gateway, a mail server, a printer; one ledger, `ledgers/pages.jsonl`. */
export async function startPagingSide(options: PagingSideOptions): Promise<PagingSide> {
  const { dataDir, ports, secrets = [REHEARSAL_SECRET], accessKey = REHEARSAL_ACCESS_KEY } = options;
  const ledger = openPagingLedger(dataDir);
  const stops: (() => Promise<void> | void)[] = [ledger.close];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
    stops.length = 0;
  };
  const faults = openPagingFaults((channel, isDown) => {
    const listener = channel === 'email' ? smtp : channel === 'print' ? printer : null;
    (isDown ? listener?.close() : listener?.open())?.catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  let smtp: Awaited<ReturnType<typeof startPagingSmtp>> | null = null;
  let printer: Awaited<ReturnType<typeof startPagingPrinter>> | null = null;
  try {
    smtp = await startPagingSmtp({
      port: ports.smtp,
      ledger,
      faults,
      ...options.smtp,
      ...(options.onMail === undefined ? {} : { onMail: options.onMail }),
    });
    stops.push(smtp.close);
    printer = await startPagingPrinter({ port: ports.printer, ledger, faults });
    stops.push(printer.close);
    const answers = openPagingAnswers(options.answersTo ?? null);
    stops.push(answers.stop);
    const http = await startPagingHttp({ port: ports.pages, ledger, faults, answers, secrets, accessKey });
    stops.push(http.stop);
    const { url } = http;
    return { url, smtpPort: smtp.port, printerPort: printer.port, lines: ledger.lines, fault: faults.set, answer: answers.answer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
