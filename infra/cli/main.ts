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
  'report read': { about: 'the actionable findings of signed reports', load: () => import('./report-read.ts') },
  'report negation': { about: 'whether a sentence denies what it names', load: () => import('./report-negation.ts') },
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
  'critical declare': { about: 'write a critical result; it is not sent yet', load: async () => (await import('./critical.ts')).declare },
  'critical list': { about: 'open critical results that you may see', load: async () => (await import('./critical.ts')).list },
  'critical follow-ups': {
    about: 'what reports say that can wait for days, with its owner',
    load: async () => (await import('./critical.ts')).followUps,
  },
  'critical follow-up': { about: 'it is dealt with, and how', load: async () => (await import('./critical.ts')).followUp },
  'critical policy': { about: 'later or fewer calls, by two people', load: () => import('./critical-policy.ts') },
  'critical send': { about: 'send one: the escalation begins', load: async () => (await import('./critical.ts')).send },
  'critical not-critical': { about: 'it is not critical, and why', load: async () => (await import('./critical.ts')).notCritical },
  'critical recategorise': { about: 'change its category', load: async () => (await import('./critical.ts')).recategorise },
  'critical withdraw': { about: 'take one back', load: async () => (await import('./critical.ts')).withdraw },
  'critical take': { about: 'acknowledge one: you have it', load: async () => (await import('./critical.ts')).take },
  'critical seen': { about: 'you have seen that one was withdrawn or changed', load: async () => (await import('./critical.ts')).seen },
  'critical same': { about: 'it is the same as another of its accession number', load: async () => (await import('./critical.ts')).same },
  'critical apart': { about: 'it is not the same as another of its accession number', load: async () => (await import('./critical.ts')).apart },
  'critical read-back': { about: 'read it back, with a number of the patient', load: async () => (await import('./critical.ts')).readBack },
  'critical on-my-way': { about: 'you are on your way; it goes on', load: async () => (await import('./critical.ts')).onMyWay },
  'critical decline': { about: 'it is not yours: the next person is called', load: async () => (await import('./critical.ts')).decline },
  'critical take-over': { about: 'the patient is yours, and you were not called', load: async () => (await import('./critical.ts')).takeOver },
  'critical call': { about: 'record a telephone call', load: async () => (await import('./critical.ts')).call },
  'critical not-what-i-said': { about: 'the read-back is wrong: open it again', load: async () => (await import('./critical.ts')).notWhatISaid },
  'critical not-me': { about: 'it was not you who took it', load: async () => (await import('./critical.ts')).notMe },
  'critical failsafe': { about: 'switchboard: have an untaken one in hand', load: async () => (await import('./critical.ts')).failsafe },
  'critical attempt': { about: 'switchboard: record what you tried', load: async () => (await import('./critical.ts')).attempt },
  'drill critical': { about: 'a test of the alarm, marked DRILL in every text', load: async () => (await import('./drill.ts')).critical },
  'drill list': { about: 'what came of drills', load: async () => (await import('./drill.ts')).list },
  'drill show': { about: 'one drill, step by step', load: async () => (await import('./drill.ts')).show },
  'drill stop': { about: 'end a drill; everybody who was called is told', load: async () => (await import('./drill.ts')).stop },
  'oncall who': { about: 'who is on call, now or at a moment', load: async () => (await import('./oncall.ts')).who },
  'oncall gaps': { about: 'hours at which nobody is on call', load: async () => (await import('./oncall.ts')).gaps },
  'critical report': { about: 'how long critical results took, and every miss with why', load: () => import('./critical-report.ts') },
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
  const rows = names.map((name) => `  radloop ${name.padEnd(24)} ${commands[name]?.about ?? ''}`);
  return `radloop works on files and standard input with the code of the running service.\n\n${rows.join('\n')}\n\n"radloop COMMAND --help" shows how, with an example.`;
}
