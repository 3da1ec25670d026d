/** A small tree of the real shape without fault, and violations to plant in it: one of each rule. The real settings are applied to it. */

export type Tool = 'imports' | 'lint' | 'types' | 'format' | 'unused';

/** One violation in a file of its own: the tool must name `rule` for the file `at`. */
export interface Plant {
  readonly tool: Tool;
  readonly rule: string;
  /** Words that the tool must say, where one rule of ESLint stands for several of ours. */
  readonly says?: string;
  readonly at: string;
  readonly text: string;
}

/** No tool may say anything of these files. They are also what the plants import. */
export const sound: Readonly<Record<string, string>> = {
  'functions/main.ts': `import { clock } from '#adapters/embedded/clock.js';
import { ehr } from '#adapters/fhir/client.js';
import { agent } from '#bot/agent.js';
import { start } from '#engine/start.js';
import { score } from '#models/lexicon/score.js';
import { workflows } from '#workflows/registry.js';

export const hospital = start(clock, { caseId: agent(workflows), urgent: score({ caseId: ehr, urgent: false }) > 1 });
`,
  'functions/core/ids.ts': `import { z } from 'zod/v4';

export const caseId = z.string().brand<'CaseId'>();
export type CaseId = z.infer<typeof caseId>;
`,
  'functions/domain/order.ts': `import type { CaseId } from '#core/ids.js';

export interface Order {
  readonly caseId: CaseId;
  readonly urgent: boolean;
}
`,
  'functions/ports/clock.ts': `export interface Clock {
  now(): string;
}
`,
  'functions/engine/start.ts': `import type { Order } from '#domain/order.js';
import type { Clock } from '#ports/clock.js';

export function start(clock: Clock, order: Order): string {
  return order.urgent ? clock.now() : order.caseId;
}
`,
  'functions/adapters/embedded/clock.ts': `import type { Clock } from '#ports/clock.js';

export const clock: Clock = { now: () => new Date().toISOString() };
`,
  'functions/adapters/fhir/client.ts': `import { caseId } from '#core/ids.js';

export const ehr = caseId.parse('1');
`,
  'functions/models/lexicon/score.ts': `import type { Order } from '#domain/order.js';

export function score(order: Order): number {
  return order.urgent ? 1 : 0;
}
`,
  'functions/workflows/protocoling/index.ts': `import { bold } from '#cards/kit/text.js';

export const protocoling = bold('protocoling');
`,
  'functions/workflows/triage/index.ts': `import { bold } from '#cards/kit/text.js';

export const triage = bold('triage');
`,
  'functions/workflows/registry.ts': `import { protocoling } from './protocoling/index.ts';
import { triage } from './triage/index.ts';

export const workflows = [protocoling, triage];
`,
  'functions/triggers/tick.ts': `import { app } from '@azure/functions';
import { caseId } from '#core/ids.js';
import { start } from '#engine/start.js';

const order = { caseId: caseId.parse('1'), urgent: true };
app.timer('tick', { schedule: '0 * * * * *', handler: (timer) => start({ now: () => timer.scheduleStatus.last }, order) });
`,
  'cards/kit/text.ts': `import { caseId } from '#core/ids.js';
import type { CaseId } from '#core/ids.js';

export function bold(text: string): CaseId {
  return caseId.parse(\`**\${text}**\`);
}
`,
  'cards/render.ts': `import { bold } from './kit/text.ts';

export const card = { body: bold('card') } as const;
`,
  'bot/agent.ts': `import { MessageFactory } from 'botbuilder';
import { card } from '#cards/render.js';
import type { CaseId } from '#core/ids.js';

export function agent(names: readonly CaseId[]): CaseId {
  return names.find((name) => name === MessageFactory.text(name).text) ?? card.body;
}
`,
  'infra/rehearsal/main.ts': `import { ledger } from './ledger.ts';

console.log(ledger);
`,
  'infra/rehearsal/ledger.ts': `import { caseId } from '#core/ids.js';

export const ledger = [caseId.parse('1')];
`,
  'infra/local/start.ts': `import { hospital } from '#functions/main.js';

console.log(hospital);
`,
  'test/support/people.ts': `export const people = ['dr-okafor'];
`,
  'test/sound.test.ts': `import { people } from './support/people.ts';

it('knows its people', () => {
  expect(people).toHaveLength(1);
});
`,
};

/** A file that imports `what` for its effects alone: nothing else can be wrong with it. */
const importing = (rule: string, at: string, what: string): Plant => ({ tool: 'imports', rule, at, text: `import '${what}';\n` });

const wrongImports: readonly Plant[] = [
  importing('core-imports-zod-only', 'functions/core/a-port.ts', '#ports/clock.js'),
  importing('core-imports-zod-only', 'functions/core/a-built-in.ts', 'node:fs'),
  importing('core-imports-zod-only', 'functions/core/a-package.ts', 'jose'),
  importing('domain-imports-core-and-zod-only', 'functions/domain/a-port.ts', '#ports/clock.js'),
  importing('ports-import-core-and-domain-only', 'functions/ports/a-package.ts', 'fhir-kit-client'),
  importing('content-is-data', 'functions/content/rows.ts', '#core/ids.js'),
  importing('cards-import-core-and-domain-only', 'cards/a-workflow.ts', '#workflows/triage/index.js'),
  importing('workflows-do-not-import-each-other', 'functions/workflows/protocoling/other.ts', '#workflows/triage/index.js'),
  importing('workflows-do-not-import-each-other', 'functions/workflows/protocoling/registry.ts', '../registry.ts'),
  importing('workflows-import-core-domain-and-card-kit-only', 'functions/workflows/protocoling/a-port.ts', '#ports/clock.js'),
  importing('workflows-import-core-domain-and-card-kit-only', 'functions/workflows/protocoling/rendering.ts', '#cards/render.js'),
  importing('models-import-core-and-domain-only', 'functions/models/lexicon/a-workflow.ts', '#workflows/triage/index.js'),
  importing('models-import-core-and-domain-only', 'functions/models/other/another-model.ts', '#models/lexicon/score.js'),
  importing('engine-imports-core-domain-and-ports-only', 'functions/engine/an-adapter.ts', '#adapters/embedded/clock.js'),
  importing('engine-imports-core-domain-and-ports-only', 'functions/engine/a-workflow.ts', '#workflows/triage/index.js'),
  importing('adapters-import-inward', 'functions/adapters/embedded/the-engine.ts', '#engine/start.js'),
  importing('adapters-do-not-import-each-other', 'functions/adapters/embedded/another-adapter.ts', '#adapters/fhir/client.js'),
  importing('fhir-client-only-in-its-adapter', 'functions/adapters/embedded/an-sdk.ts', 'fhir-kit-client'),
  importing('bot-imports-inward', 'bot/the-engine.ts', '#engine/start.js'),
  importing('only-bot-imports-bot-sdk', 'functions/adapters/embedded/a-bot-sdk.ts', 'botbuilder'),
  importing('only-bot-imports-bot-sdk', 'infra/local/teams-ai.ts', '@microsoft/teams-ai'),
  importing('bot-sdk-only-in-the-files-of-adr-0032', 'bot/inbound/an-sdk.ts', 'botbuilder'),
  importing('mcp-sdk-only-in-its-folder', 'bot/an-mcp-server.ts', '@modelcontextprotocol/sdk/types.js'),
  importing('triggers-import-engine-and-azure-functions-only', 'functions/triggers/an-adapter.ts', '#adapters/embedded/clock.js'),
  importing('azure-functions-only-in-triggers', 'functions/engine/azure.ts', '@azure/functions'),
  importing('rehearsal-shares-no-code-with-adapters-or-models', 'infra/rehearsal/an-adapter.ts', '#adapters/fhir/client.js'),
  importing('rehearsal-shares-no-code-with-adapters-or-models', 'infra/rehearsal/by-way-of-main.ts', '../local/start.ts'),
  importing('product-does-not-need-infra', 'functions/outside.ts', '../infra/rehearsal/ledger.ts'),
  importing('no-dep-on-test', 'infra/local/a-test.ts', '../../test/support/people.ts'),
  importing('no-circular', 'functions/engine/egg.ts', './hen.ts'),
  importing('not-to-unresolvable', 'functions/engine/nowhere.ts', '#core/nowhere.js'),
  importing('not-to-dev-dep', 'functions/adapters/embedded/dev.ts', 'fast-check'),
  { tool: 'imports', rule: 'no-orphans', at: 'functions/engine/alone.ts', text: 'export const alone = 1;\n' },
];

/** What pure code may not do: ESLint's rule, the words of the message, a line that does it. */
const impurities: readonly (readonly [rule: string, says: string, line: string])[] = [
  ['no-restricted-syntax', 'No clock', 'export const a = new Date();'],
  ['no-restricted-syntax', 'No clock', 'export const a = Date();'],
  ['no-restricted-syntax', 'No clock', 'export const a = Date.now();'],
  ['no-restricted-syntax', 'No chance', 'export const a = Math.random();'],
  ['no-restricted-syntax', 'No `as`', "export const a = JSON.parse('1') as number;"],
  ['no-restricted-syntax', 'No casts', "export const a = <number>JSON.parse('1');"],
  ['no-restricted-syntax', 'No import while running', "export const a = import('zod/v4');"],
  ['no-restricted-globals', 'process', 'export const a = process.pid;'],
  ['no-restricted-globals', 'fetch', "export const a = fetch('http://127.0.0.1');"],
  ['no-restricted-globals', 'crypto', 'export const a = crypto.randomUUID();'],
  ['no-restricted-globals', 'console', "console.log('');"],
  ['no-restricted-globals', 'performance', 'export const a = performance.now();'],
  ['no-restricted-globals', 'globalThis', 'export const a = globalThis.name;'],
  ['no-restricted-globals', 'setTimeout', 'setTimeout(() => 1, 1);'],
  ['no-restricted-globals', 'setInterval', 'setInterval(() => 1, 1);'],
  ['no-restricted-globals', 'setImmediate', 'setImmediate(() => 1);'],
  ['no-restricted-imports', 'No Node built-in', "import 'node:fs';"],
  ['no-restricted-imports', 'No Node built-in', "import 'fs';"],
];

const pureFolders = ['functions/core', 'functions/domain', 'functions/workflows/protocoling', 'functions/models/lexicon', 'cards'];

const impure = pureFolders.flatMap((folder) =>
  impurities.map(([rule, says, line], n): Plant => ({ tool: 'lint', rule, says, at: `${folder}/impure-${n}.ts`, text: `${line}\n` })),
);

const linting = (rule: string, name: string, text: string, says?: string): Plant => ({
  tool: 'lint',
  rule,
  at: `functions/engine/${name}.ts`,
  text,
  ...(says === undefined ? {} : { says }),
});

const unsafe: readonly Plant[] = [
  linting('@typescript-eslint/no-floating-promises', 'floating', 'Promise.resolve(1);\n'),
  linting('@typescript-eslint/no-floating-promises', 'floating-void', 'void Promise.resolve(1);\n'),
  linting('@typescript-eslint/no-misused-promises', 'misused', '[1].forEach(async () => Promise.resolve());\n'),
  linting(
    '@typescript-eslint/switch-exhaustiveness-check',
    'switch',
    "export function f(mode: 'off' | 'auto'): void {\n  switch (mode) {\n    case 'off':\n      break;\n  }\n}\n",
  ),
  {
    tool: 'lint',
    rule: '@typescript-eslint/switch-exhaustiveness-check',
    at: 'functions/workflows/triage/decide.ts',
    text: "export function f(type: 'told' | 'asked'): number {\n  switch (type) {\n    case 'told':\n      return 1;\n    default:\n      return 0;\n  }\n}\n",
  },
  linting('@typescript-eslint/no-explicit-any', 'any', 'export const a: any = 1;\n'),
  linting('@typescript-eslint/no-non-null-assertion', 'non-null', 'export const a = (list: number[]): number => list.at(0)!;\n'),
  linting('@typescript-eslint/ban-ts-comment', 'ts-ignore', '// @ts-ignore\nexport const a: number = 1;\n'),
  linting('no-inline-config', 'disable', '/* eslint-disable */\nexport const a = 1;\n', 'noInlineConfig'),
  linting('no-restricted-properties', 'environment', "export const a = process.env['TZ'];\n", 'only reader of the environment'),
  linting('no-restricted-imports', 'bot-sdk', "import 'botbuilder';\n", 'inside bot/ only'),
];

const others: readonly Plant[] = [
  { tool: 'types', rule: 'TS2322', at: 'functions/engine/type.ts', text: "export const a: number = '1';\n" },
  {
    tool: 'types',
    rule: 'TS2322',
    at: 'functions/core/brand.ts',
    text: "import type { CaseId } from './ids.ts';\n\nexport const a: CaseId = '1';\n",
  },
  { tool: 'format', rule: 'format', at: 'functions/engine/format.ts', text: 'export const a   = "1"\n' },
  { tool: 'unused', rule: 'exports', at: 'test/support/dead.ts', text: 'export const used = 1;\nexport const dead = 2;\n' },
  { tool: 'unused', rule: 'files', at: 'functions/engine/unused-file.ts', text: "import '#core/ids.js';\n" },
  { tool: 'unused', rule: 'dependencies', at: 'package.json', text: '' },
];

export const plants: readonly Plant[] = [...wrongImports, ...impure, ...unsafe, ...others];

/** What some plants need beside them; nothing is expected of these files. */
export const companions: Readonly<Record<string, string>> = {
  'functions/engine/hen.ts': "import './egg.ts';\n",
  'test/dead.test.ts': "import { used } from './support/dead.ts';\n\nit('is one', () => {\n  expect(used).toBe(1);\n});\n",
};

/** A dependency that nothing of the planted tree uses: planted in its package.json. */
export const unusedDependency = 'openapi-nobody-asks-for';
