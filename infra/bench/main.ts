const benches: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<{ readonly run: (args: string[]) => Promise<number> }> }>
> = {
  'order-to-card': { about: 'from the last byte of an order to its card at the Teams side', load: () => import('./order-to-card.ts') },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`npm run bench NAME\n${Object.entries(benches).map(([known, { about }]) => `  ${known.padEnd(16)} ${about}`).join('\n')}`); // prettier-ignore
  process.exitCode = 2;
} else {
  process.exitCode = await (await bench.load()).run(args);
}
