#!/usr/bin/env node
// The `bin` of the package: plain JavaScript for any Node from 18 on. It finds a Node that runs the TypeScript sources and hands over to main.ts.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const platform = process.platform === 'win32' ? 'win' : process.platform;
const packaged = new URL(`node_modules/node-${platform}-${process.arch}/bin/${platform === 'win' ? 'node.exe' : 'node'}`, root);

function ownNodeFits() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 2) || (major === 22 && minor >= 18);
}

const node = existsSync(packaged) ? fileURLToPath(packaged) : ownNodeFits() ? process.execPath : null;
if (node === null) {
  console.error(`radloop needs Node 22.18 or 24.2 and later, this is ${process.version}. Run "npm install" in the checkout: it brings one along.`);
  process.exit(2);
}

const main = fileURLToPath(new URL('infra/cli/main.ts', root));
const child = spawn(node, ['--conditions=source', '--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { stdio: 'inherit' });
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const pass = (signal) => child.kill(signal);
for (const signal of signals) process.on(signal, pass);
child.on('error', (error) => {
  console.error(`radloop could not start ${node}: ${error.message}`);
  process.exit(2);
});
child.on('exit', (code, signal) => {
  for (const name of signals) process.off(name, pass);
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code ?? 2);
});
