const benches: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<{ readonly run: (args: string[]) => Promise<number> }> }>
> = {
  'hl7-receive': {
    about: 'durable MLLP receive beside the libraries of npm; memory over a million messages; hostile neighbours',
    load: () => import('./hl7-receive.ts'),
  },
  'hl7-decode': { about: 'decode of a 1 kB order and 25 fields read, beside the libraries of npm', load: () => import('./hl7-decode.ts') },
  engine: { about: 'what an event costs in a long case and among a million cases; a start over a backlog', load: () => import('./engine.ts') },
  teams: {
    about: 'fifty people at buttons and words at once; urgent cards beside ten thousand routine ones, under the published limits of Teams',
    load: () => import('./teams.ts'),
  },
  critical: {
    about: 'critical alerts beside ten thousand routine cards, on every way that they start on; the pager while Teams takes nothing for a minute',
    load: () => import('./critical.ts'),
  },
  'order-to-card': { about: 'from the last byte of an order to its card at the Teams side', load: () => import('./order-to-card.ts') },
};

const [name, ...args] = process.argv.slice(2);
const bench = benches[name ?? ''];
if (name === undefined) {
  for (const { load } of Object.values(benches)) if ((await (await load()).run([])) !== 0) process.exitCode = 1;
} else if (bench === undefined) {
  console.error(`npm run bench [NAME]   all of them, or one:\n${Object.entries(benches).map(([known, { about }]) => `  ${known.padEnd(16)} ${about}`).join('\n')}`); // prettier-ignore
  process.exitCode = 2;
} else {
  process.exitCode = await (await bench.load()).run(args);
}
