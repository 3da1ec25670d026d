/** One fault of the kind that loses, doubles or mixes something. */
export interface Bug {
  readonly name: string;
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly put: string;
  /** The tests that must catch it. */
  readonly suites: readonly string[];
}

export const bugs: readonly Bug[] = [
  {
    name: 'an answer leaves before the log is synced',
    file: 'functions/adapters/embedded/group-commit.ts',
    find: 'await sync(log);',
    put: 'await Promise.resolve(log);',
    suites: ['test/chaos/crash-states.test.ts'],
  },
  {
    name: 'a fenced outbox claim is not asked for its attempt',
    file: 'functions/adapters/embedded/outbox-store.ts',
    find: 'const OURS = "id = ? AND attempt = ? AND state = \'leased\'";',
    put: 'const OURS = "id = ? AND attempt >= ?  - 1000 AND state = \'leased\'";',
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'a lost claim of an event still writes',
    file: 'functions/adapters/embedded/case-store.ts',
    find: "if (change.claimed !== undefined && !isOurs(db, change.claimed)) return { ok: false, code: 'claim-lost' };",
    put: '',
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'an event that was heard is told again',
    file: 'functions/adapters/embedded/case-store.ts',
    find: '  if (before) {\n    finishClaimed',
    put: '  if (before && Math.abs(0) > 1) {\n    finishClaimed',
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: "a case is written over another writer's facts",
    file: 'functions/adapters/embedded/case-store.ts',
    find: "if (version !== change.expectedVersion) return { ok: false, code: 'conflict' };",
    put: "if (version === undefined) return { ok: false, code: 'conflict' };",
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'the second event of a case is given out beside its first',
    file: 'functions/adapters/embedded/event-bus.ts',
    find: '  AND NOT EXISTS (SELECT 1 FROM events AS earlier WHERE earlier.case_id = e.case_id AND earlier.id < e.id)\n',
    put: '',
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'a crash at an event is not counted',
    file: 'functions/adapters/embedded/event-bus.ts',
    find: "crashes + (state = 'leased') AS crashes",
    put: 'crashes AS crashes',
    suites: ['test/contracts/embedded.test.ts', 'test/engine/poison.test.ts'],
  },
  {
    name: 'a held message lets the next one of its lane overtake it',
    file: 'functions/adapters/embedded/outbox-store.ts',
    find: "AND earlier.state IN ('waiting', 'leased', 'held') AND (earlier.weight",
    put: "AND earlier.state IN ('waiting', 'leased') AND (earlier.weight",
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'what is withdrawn while it is under way is delivered all the same',
    file: 'functions/adapters/embedded/case-store.ts',
    find: "state IN ('waiting', 'leased', 'held') AND awaits IS NULL\"",
    put: "state IN ('held') AND awaits IS NULL\"",
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'a timer that was armed anew fires at its old time',
    file: 'functions/adapters/embedded/deadline-store.ts',
    find: "AND name = ? AND epoch = ? AND at = ?', caseId, name, epoch, at);",
    put: "AND name = ?', caseId, name);",
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'a repeat is rendered anew',
    file: 'functions/engine/send.ts',
    find: '  let { bytes } = item;\n',
    put: '  let bytes: typeof item.bytes = null;\n',
    suites: ['test/engine/deliver.test.ts', 'test/engine/fences.test.ts', 'test/engine/instances.test.ts'],
  },
  {
    name: 'a paused sender does not ask for its lease',
    file: 'functions/engine/send.ts',
    find: '  if (!(await parts.outbox.stillHeld(item, parts.clock.now()))) return LOST;\n',
    put: '',
    suites: ['test/engine/fences.test.ts'],
  },
  {
    name: 'a commit needs no answer behind it',
    file: 'functions/engine/run-case.ts',
    find: '    await checkApprovals(parts, event, step);\n',
    put: '',
    suites: ['test/engine', 'test/workflows/laws.test.ts'],
  },
  {
    name: 'silent lets advice out',
    file: 'functions/engine/run-case.ts',
    find: "      return effect.weight === 'inner';",
    put: '      return true;',
    suites: ['test/engine/modes.test.ts'],
  },
  {
    name: 'a delivery is marked done before its case is told',
    file: 'functions/engine/deliver.ts',
    find: "  if (done.ok && typeof done.receipt !== 'string' && done.receipt.told) await tell(parts, item, done.receipt.told);\n  return done;",
    put: "  if (done.ok && typeof done.receipt !== 'string' && done.receipt.told) {\n    await parts.outbox.delivered(item, done.receipt.receipt, parts.clock.now());\n    await tell(parts, item, done.receipt.told);\n  }\n  return done;",
    suites: ['test/engine/deliver.test.ts', 'test/engine/fences.test.ts', 'test/engine/instances.test.ts'],
  },
  {
    name: 'five failures do not end the tries',
    file: 'functions/engine/hear.ts',
    find: 'if (failed >= MOST_FAILURES)',
    put: 'if (failed >= MOST_FAILURES * 100)',
    suites: ['test/engine/poison.test.ts'],
  },
  {
    name: 'what a case remembers is folded twice',
    file: 'functions/engine/case-now.ts',
    find: 'parts.cases.read(workflowName, caseId, known?.version ?? 0)',
    put: 'parts.cases.read(workflowName, caseId, 0)',
    suites: ['test/engine'],
  },
  {
    name: 'a timer follows a clock that is set back',
    file: 'functions/adapters/embedded/steady-clock.ts',
    find: 'const followed = jump > 0 && jump <= PAUSE_MS;',
    put: 'const followed = jump <= PAUSE_MS;',
    suites: ['test/clock/steady-clock.test.ts'],
  },
  {
    name: 'a sealed fact opens in another row',
    file: 'functions/adapters/embedded/case-pieces.ts',
    find: 'fact: (caseId: CaseId, seq: number) => `fact|${caseId}|${seq}`,',
    put: 'fact: (_caseId: CaseId, _seq: number) => `fact`,',
    suites: ['test/sealing/store.test.ts'],
  },
  {
    name: 'a number is given to two cases',
    file: 'functions/adapters/embedded/case-store.ts',
    find: '    if (taken) continue;\n',
    put: '    if (taken) {\n      db.run("UPDATE cases SET number = number || \'-\' WHERE number = ?", number);\n    }\n',
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'views are written without their case',
    file: 'functions/adapters/embedded/case-store.ts',
    find: 'change.row.open ? 1 : 0, JSON.stringify(change.row), at],',
    put: '1, JSON.stringify(change.row), at],',
    suites: ['test/contracts/embedded.test.ts'],
  },
  {
    name: 'an event that is quarantined leaves no audit row',
    file: 'functions/adapters/embedded/event-bus.ts',
    find: "  appendAudit(db, { ...row, action: 'event-quarantined', detail: { item: `e${claimed}`, reason } });\n",
    put: '  void row;\n',
    suites: ['test/audit'],
  },
];
