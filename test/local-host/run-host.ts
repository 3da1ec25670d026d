import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFunctionHost } from '../../infra/local/function-host/host.ts';

// A host in a process of its own: Jest has its own `require`, so the host can't stand in its way there.
// Prints one line of JSON when it serves, another when it has closed; closes when standard input ends.
// The fourth word names a folder with cert.pem, key.pem and ca.pem: then it serves TLS as well.
const [root = '', bodyLimitBytes = '1000', tlsFolder] = process.argv.slice(2);
const pem = (name: string) => readFileSync(join(tlsFolder ?? '', `${name}.pem`));

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const host = await startFunctionHost({
    root,
    port: 0,
    bodyLimitBytes: Number(bodyLimitBytes),
    graceSeconds: 2,
    ...(tlsFolder === undefined ? {} : { tls: { port: 0, cert: pem('cert'), key: pem('key'), ca: pem('ca') } }),
    log: (level, category, message) => {
      say({ log: level, category, message });
    },
  });
  const exported = typeof host.module === 'object' && host.module !== null ? Object.keys(host.module) : [];
  say({ ready: true, port: host.port, tlsPort: host.tlsPort, routes: host.routes, timers: host.timers, notServed: host.notServed, exported });
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
