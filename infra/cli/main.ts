/** One command: its help, and what it does. `run` gives the exit code: 0 done, 1 the answer is "no", 2 usage or unreadable input. */
interface Command {
  readonly usage: string;
  readonly run: (args: string[]) => Promise<number>;
}

/** Every command by its words. A command is loaded when it is called, so that the others cost nothing. */
const commands: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Command> }>> = {
  'hl7 read': { about: 'what each message of a file says and how the listener would answer it', load: () => import('./hl7-read.ts') },
  'hl7 echo': { about: 'decode and encode again, byte for byte', load: () => import('./hl7-echo.ts') },
  'hl7 send': { about: 'send the messages of a file over MLLP', load: () => import('./hl7-send.ts') },
  'hl7 explain': { about: 'a message field by field, with the names of the standard', load: () => import('./hl7-explain.ts') },
  'order suggest': { about: 'the protocol that would be proposed for each order of a file', load: () => import('./order-suggest.ts') },
  ask: { about: 'what the bot would understand and answer', load: () => import('./ask.ts') },
  'audit verify': { about: 'check the audit chain, or an export of it', load: () => import('./audit-verify.ts') },
  'audit export': { about: 'the audit as FHIR AuditEvent or CSV', load: () => import('./audit-export.ts') },
  'audit query': { about: 'who did what, when, to which case', load: () => import('./audit-query.ts') },
  backup: { about: 'copy the store while it works', load: () => import('./backup.ts') },
  restore: { about: 'put a backup in the place of the store', load: () => import('./restore.ts') },
  'downtime list': { about: 'open cases, also with the service down', load: () => import('./downtime-list.ts') },
  'downtime enter': { about: 'take back in what was decided on paper', load: () => import('./downtime-enter.ts') },
  'case show': { about: 'your own view of a case', load: async () => (await import('./case.ts')).show },
  'case approve': { about: 'approve the proposed protocol', load: async () => (await import('./case.ts')).approve },
  'case choose': { about: 'choose another protocol', load: async () => (await import('./case.ts')).choose },
  'case reject': { about: 'reject the order', load: async () => (await import('./case.ts')).reject },
  'case ask': { about: 'put a question to the orderer', load: async () => (await import('./case.ts')).askOrderer },
  'case answer': { about: 'answer the question that was put to you', load: async () => (await import('./case.ts')).answer },
  'case remind': { about: 'be reminded of it in your private chat', load: async () => (await import('./case.ts')).remind },
  'case hand-over': { about: 'put it under somebody else’s name', load: async () => (await import('./case.ts')).handOver },
  'case take-back': { about: 'take back what you did last', load: async () => (await import('./case.ts')).takeBack },
  'q list': { about: 'what is held, why, and what to do', load: () => import('./q-list.ts') },
  'q show': { about: 'one item that is held, without patient data', load: async () => (await import('./q-look.ts')).show },
  'q diff': { about: 'what a held message changes', load: async () => (await import('./q-look.ts')).diff },
  'q retry': { about: 'try again what is held', load: async () => (await import('./q-acts.ts')).retry },
  'q skip': { about: 'never send or tell it; the rest goes on', load: async () => (await import('./q-acts.ts')).skip },
  'q park': { about: 'set a case aside', load: async () => (await import('./q-acts.ts')).park },
  'q release': { about: 'seen to; or let a parked case go on', load: async () => (await import('./q-acts.ts')).release },
  'q confirm': { about: 'as a second person: do an act on many', load: async () => (await import('./q-acts.ts')).confirm },
  'q export': { about: 'one item with its bytes sealed', load: () => import('./q-export.ts') },
  'q history': { about: 'what operators did', load: async () => (await import('./q-look.ts')).history },
  'keys show': { about: 'versions of the site key, and what needs them', load: async () => (await import('./keys.ts')).show },
  'keys rotate': { about: 'a new version of the site key, while the service works', load: async () => (await import('./keys.ts')).rotate },
  'retention show': { about: 'what is kept for how long, of all or of one case', load: async () => (await import('./retention.ts')).show },
  'retention hold': { about: 'keep a case for a court', load: async () => (await import('./retention.ts')).hold },
  'retention unhold': { about: 'lift a legal hold', load: async () => (await import('./retention.ts')).unhold },
  'retention shred': { about: 'delete a case’s patient data for good', load: async () => (await import('./retention.ts')).shred },
  'retention shorten': { about: 'take over a shorter retention of site.json', load: async () => (await import('./retention.ts')).shorten },
  'retention confirm': { about: 'as a second person: shred, unhold or shorten', load: async () => (await import('./retention.ts')).confirm },
  doctor: { about: 'check this installation', load: () => import('./doctor.ts') },
};

const args = process.argv.slice(2);

// Somebody closed the pipe (`| head`): there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

try {
  process.exitCode = await main(args);
} catch (error) {
  console.error(`radloop ${args.slice(0, 2).join(' ')}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function main(words: readonly string[]): Promise<number> {
  const [first, second] = words;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    console.log(overview());
    return first === undefined ? 2 : 0;
  }
  const name = second !== undefined && `${first} ${second}` in commands ? `${first} ${second}` : first;
  const entry = commands[name];
  if (entry === undefined) {
    const group = Object.keys(commands).filter((known) => known.startsWith(`${first} `));
    if (group.length > 0 && (second === undefined || second === '--help' || second === '-h')) {
      console.log(overview(group));
      return second === undefined ? 2 : 0;
    }
    console.error(`radloop knows no command "${[first, ...(group.length > 0 ? [second] : [])].join(' ')}". "radloop --help" lists them.`);
    return 2;
  }
  const rest = words.slice(name.split(' ').length);
  const command = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(command.usage);
    return 0;
  }
  return command.run(rest);
}

function overview(names: readonly string[] = Object.keys(commands)): string {
  const rows = names.map((name) => `  radloop ${name.padEnd(17)} ${commands[name]?.about ?? ''}`);
  return `radloop works on files and standard input with the code of the running service.\n\n${rows.join('\n')}\n\n"radloop COMMAND --help" shows how, with an example.`;
}
