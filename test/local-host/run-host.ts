import { startFunctionHost } from '../../infra/local/function-host/host.ts';

// A host in a process of its own: Jest has its own `require`, so the host can't stand in its way there.
// Prints one line of JSON when it serves, another when it has closed; closes when standard input ends.
const [root = '', bodyLimitBytes = '1000'] = process.argv.slice(2);

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const host = await startFunctionHost({
    root,
    port: 0,
    bodyLimitBytes: Number(bodyLimitBytes),
    graceSeconds: 2,
    log: (level, category, message) => {
      say({ log: level, category, message });
    },
  });
  const exported = typeof host.module === 'object' && host.module !== null ? Object.keys(host.module) : [];
  say({ ready: true, port: host.port, routes: host.routes, timers: host.timers, notServed: host.notServed, exported });
  process.stdin.resume();
  process.stdin.on('end', () => {
    Promise.all([host.close(), host.close()]).then(
      () => {
        say({ closed: true });
      },
      () => {
        process.exitCode = 1;
      },
    );
  });
} catch (error) {
  say({ failed: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' });
  process.exitCode = 1;
}
