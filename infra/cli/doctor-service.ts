import { IN_ORDER } from '#engine/readiness.js';
import { finding } from './doctor-finding.ts';
import type { Finding, Level } from './doctor-finding.ts';

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** What each check of /api/readyz that fails asks of an operator. */
const READY_TODO: Readonly<Record<string, string>> = {
  store:
    'The store takes nothing: orders are answered AE and their senders keep them. Look at the disk (df, dmesg); after an error of the disk start the service anew.',
  disk: 'Make room on the disk of the store now: when it is full, orders are answered AE.',
  instance: 'Another process has taken this one for dead and its work over: start this service anew.',
  'critical-policy':
    'Two people have to agree: radloop critical policy change, then confirm by the other one. Else take it out of the site’s content/critical and content/ladders.',
  keys: 'The Bot Connector’s keys can’t be fetched: let the service out to login.botframework.com. Until then nobody can answer a card; radloop downtime list shows who waits.',
  rosters: 'Mend the file: what that service’s roster said before stays in force, where anything is known of it.',
};

const MISSING_TODO: Readonly<Record<string, string>> = {
  canary:
    'Messages are answered, and nothing comes of them. Look below for the worker that stands; if none does, for the store. Start the service anew if it lasts.',
  timer: 'Deadlines do not fire on time: look at the clock and at the load of this machine.',
  routes: 'Nothing kept is worked out. Start the service anew; what was answered is kept and goes on.',
  events: 'Events are not told to their cases. Start the service anew; nothing is lost by it.',
  outbox: 'Nothing goes out: every place is taken by something that hangs. Look at the receivers, then start the service anew.',
  deadlines: 'Nobody looks for deadlines. Start the service anew; those that are over fire at once.',
  watcher:
    'Start it beside the service (infra/local/watcher.ts; npm start does) or look at its log, watcher.log. Until then look at the open alerts yourself: radloop critical list.',
  store: 'The store does not answer: look at its disk.',
};

/** Asks the running service what it says of itself. @param token of health.token; null: only yes or no is told */
export async function service(url: string, token: string | null, namedByHand: boolean): Promise<Finding[]> {
  const ask = asking(url.replace(/\/+$/u, ''), token);
  const live = await ask('/api/livez');
  if (live === null) {
    const todo = namedByHand ? 'Start it, or name where it is with --service URL.' : 'npm start starts it; name another address with --service URL.';
    return [finding('service', 'fail', `nothing answers at ${url}`, todo)];
  }
  const [ready, progress, metrics] = await Promise.all([
    ask('/api/readyz'),
    ask('/api/healthz/progress'),
    metricsOf(url.replace(/\/+$/u, ''), token),
  ]);
  const isLive = live.status === 200;
  const todo = token === null ? 'Its detail is not told: --data DIR names the folder whose health.token opens it.' : '';
  return [
    finding(
      'service',
      isLive ? (token === null ? 'warn' : 'ok') : 'fail',
      isLive ? `runs at ${url}` : 'its event loop is more than 5 s late',
      isLive ? todo : 'It is busy or hangs: look at the load of this machine, then start it anew.',
    ),
    ...readyFindings(ready),
    ...progressFindings(progress),
    ...(metrics === null ? [] : metricFindings(metrics)),
  ];
}

function asking(base: string, token: string | null): (path: string) => Promise<Answer | null> {
  return async (path) => {
    try {
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const answered = await fetch(`${base}${path}`, { headers, redirect: 'error', signal: AbortSignal.timeout(5000) });
      const json: unknown = await answered.json().catch(() => ({}));
      return { status: answered.status, json: typeof json === 'object' && json !== null ? { ...json } : {} };
    } catch {
      return null;
    }
  };
}

function readyFindings(answer: Answer | null): Finding[] {
  if (answer === null) return [finding('ready', 'fail', 'does not answer whether it is ready', 'It hangs: start it anew.')];
  const checks = Array.isArray(answer.json['checks']) ? (answer.json['checks'] as readonly { name: string; ok: boolean; what: string }[]) : null;
  if (checks === null)
    return [finding('ready', answer.status === 200 ? 'ok' : 'fail', answer.status === 200 ? 'ready' : 'not ready', 'Look at its log.')];
  const todo = (name: string): string => READY_TODO[name] ?? 'Look at its log.';
  const noted = checks.filter(({ ok, what }) => ok && what !== IN_ORDER);
  const warned = noted.map(({ name, what }) => finding(`ready: ${name}`, 'warn', what, todo(name)));
  const bad = checks.filter(({ ok }) => !ok);
  if (bad.length === 0) return [finding('ready', 'ok', `ready: ${checks.map(({ name }) => name).join(', ')}`), ...warned];
  return [...bad.map(({ name, what }) => finding(`ready: ${name}`, 'fail', what, todo(name))), ...warned];
}

function progressFindings(answer: Answer | null): Finding[] {
  if (answer === null) return [finding('progress', 'fail', 'does not answer whether it gets anything done', 'It hangs: start it anew.')];
  const { missing, canaryAge, timerLateness } = answer.json;
  return [...watcherFindings(answer.json['watcherAge']), ...doneFindings(answer, { missing, canaryAge, timerLateness })];
}

/** Whoever may not read the detail is told nothing of it; one that is missing is told as such. */
function watcherFindings(age: unknown): Finding[] {
  if (age === null) {
    const todo =
      'Start infra/local/watcher.ts beside the service where critical results are sent: nobody else notices that one of them stands still.';
    return [finding('watcher', 'warn', 'nobody has ever watched the critical results of this store', todo)];
  }
  return typeof age === 'number' && age <= 60 ? [finding('watcher', 'ok', `looked ${Math.max(0, age).toFixed(0)} s ago`)] : [];
}

function doneFindings({ status }: Answer, { missing, canaryAge, timerLateness }: Readonly<Record<string, unknown>>): Finding[] {
  if (status === 200) {
    const when = typeof canaryAge === 'number' ? `: a message went the whole way ${canaryAge.toFixed(0)} s ago` : '';
    const timer = typeof timerLateness === 'number' ? `, its timer ${timerLateness.toFixed(1)} s late` : '';
    return [finding('progress', 'ok', `gets its work done${when}${timer}`)];
  }
  const parts = Array.isArray(missing) ? missing.map(String) : ['canary'];
  return parts.map((part) => finding('progress', 'fail', WHAT_IS_MISSING[part] ?? part, MISSING_TODO[part] ?? 'Look at its log.'));
}

const WHAT_IS_MISSING: Readonly<Record<string, string>> = {
  canary: 'no message has gone the whole way for 30 s (within a minute of a start that is usual)',
  timer: 'no timer has fired on time for 30 s',
  routes: 'the worker that works out what was kept stands still',
  events: 'the worker that tells cases stands still',
  outbox: 'the workers of what goes out stand still',
  deadlines: 'the worker of deadlines stands still',
  watcher: 'who watches the critical results has not looked for more than a minute',
  store: 'the store does not answer',
};

type Metrics = ReadonlyMap<string, number>;

async function metricsOf(base: string, token: string | null): Promise<Metrics | null> {
  if (token === null) return null;
  try {
    const answered = await fetch(`${base}/api/metrics`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(5000),
    });
    if (!answered.ok) return null;
    const lines = (await answered.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  } catch {
    return null;
  }
}

function metricFindings(metrics: Metrics): Finding[] {
  const value = (name: string): number => metrics.get(name) ?? 0;
  const inboxAge = value('inbox_oldest_age_seconds');
  const step = value('clock_step_seconds');
  const anchor = metrics.get('audit_anchor_age_seconds');
  const lost = [...metrics].filter(([name]) => name.startsWith('telemetry_dropped')).reduce((sum, [, count]) => sum + count, 0);
  const dropped = [...metrics].filter(([name]) => name.startsWith('log_dropped')).reduce((sum, [, count]) => sum + count, 0);
  const outbox = [...metrics].flatMap(([name, depth]) => {
    const dest = /^outbox_depth\{dest="([^"]*)"\}$/u.exec(name)?.[1];
    return dest === undefined ? [] : [{ dest, depth, age: value(`outbox_oldest_age_seconds{dest="${dest}"}`) }];
  });
  const level = (age: number): Level => (age > 900 ? 'fail' : age > 60 ? 'warn' : 'ok');
  return [
    finding(
      'inbox',
      level(inboxAge),
      `${value('inbox_depth')} wait${inboxAge > 1 ? `, the oldest for ${ageText(inboxAge)}` : ''}`,
      'More comes in than is worked off, or a worker stands: see progress.',
    ),
    ...outbox.map(({ dest, depth, age }) =>
      finding(
        `to ${dest}`,
        level(age),
        `${depth} wait, the oldest for ${ageText(age)}`,
        `Look whether ${dest} answers; what waits goes by itself when it does.`,
      ),
    ),
    finding(
      'clock',
      step === 0 ? 'ok' : 'warn',
      step === 0 ? 'no step since the start' : `was set by ${step.toFixed(1)} s while the service ran`,
      'Timers go by the clock: look at time synchronisation (chronyc tracking).',
    ),
    ...(anchor === undefined
      ? []
      : [
          finding(
            'anchors',
            anchor > 600 ? 'fail' : anchor > 300 ? 'warn' : 'ok',
            `the audit trail was anchored ${ageText(anchor)} ago`,
            'Look whether the folder of the anchors can be written.',
          ),
        ]),
    ...(lost === 0
      ? []
      : [
          finding(
            'telemetry',
            'warn',
            `${lost} batches could not be exported`,
            'Look whether the collector (OTEL_EXPORTER_OTLP_ENDPOINT) answers. Nothing else depends on it.',
          ),
        ]),
    ...(dropped === 0
      ? []
      : [
          finding(
            'log',
            'warn',
            `${dropped} fields were left out of the log because they are not on its list`,
            'Tell the makers of Radloop; nothing else depends on it.',
          ),
        ]),
  ];
}

function ageText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
