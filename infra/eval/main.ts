const evaluations: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<{ readonly run: (args: string[]) => Promise<number> | number }> }>
> = {
  intents: {
    about: 'what the intent model makes of labelled utterances: FILE.jsonl …, or those of test/eval/intents',
    load: () => import('./intents.ts'),
  },
  reports: {
    about: 'what the report reader makes of labelled reports: --file NAME.labels.jsonl, or those of test/eval/reports',
    load: () => import('./reports.ts'),
  },
  cross: { about: 'each development half judged by what the other taught', load: () => import('./cross.ts') },
  learn: { about: 'learn the weights of the intent model from the development halves', load: () => import('./learn.ts') },
  'learn-reports': { about: 'learn the weights of the report reader’s second look', load: () => import('./learn-reports.ts') },
  'cross-reports': { about: 'the second look on each file of labelled reports, taught by the others', load: () => import('./cross-reports.ts') },
};

const [name, ...args] = process.argv.slice(2);
const chosen = evaluations[name ?? 'intents'];
if (chosen === undefined) {
  console.error(`npm run eval [NAME]\n${Object.entries(evaluations).map(([known, { about }]) => `  ${known.padEnd(14)} ${about}`).join('\n')}`); // prettier-ignore
  process.exitCode = 2;
} else {
  process.exitCode = await (await chosen.load()).run(args);
}
