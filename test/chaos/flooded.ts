import { spawn } from 'node:child_process';
import type { Flooded } from './order-flood.ts';

/** Runs order-flood.ts with these options, in a process of its own. */
export function flooded(options: Readonly<Record<string, string | number>>): Promise<Flooded> {
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', 'test/chaos/order-flood.ts', ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, failed) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('exit', (code) => {
      if (code === 0) done(JSON.parse(said) as Flooded);
      else failed(new Error(`the sender ended with ${String(code)}`));
    });
  });
}
