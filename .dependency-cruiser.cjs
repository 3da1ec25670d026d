// Imports go inward (HOUSE-STYLE 3.2). Each rule has a name, and a comment that says what to do instead.
// `npm run check` runs them over the whole tree; test/architecture/planted-violations.test.ts shows each to fail on a planted violation.

const NPM = '(^|/)node_modules/';
const ZOD = `${NPM}zod/`;
const BOT_SDKS = `${NPM}(botbuilder|botframework|@microsoft/(teams-ai|agents-))`;
const CORE = '^functions/core/';
const DOMAIN = '^functions/domain/';
const PORTS = '^functions/ports/';

/** What `from` may import, and nothing else. `$1` in an allowed path is the first group of `from`. */
const only = (name, from, allowed, comment) => ({ name, severity: 'error', comment, from: { path: from }, to: { pathNot: allowed } });

module.exports = {
  forbidden: [
    only(
      'core-imports-zod-only',
      CORE,
      [CORE, ZOD],
      'functions/core is the vocabulary that everything else stands on: it imports zod and itself. A word of the trade belongs in domain; ' +
        'what needs the world belongs in an adapter behind a port.',
    ),
    only(
      'domain-imports-core-and-zod-only',
      DOMAIN,
      [CORE, DOMAIN, ZOD],
      'functions/domain holds words that workflows share: it imports core, zod and itself. A rule belongs in a workflow, a message format in an adapter.',
    ),
    only(
      'ports-import-core-and-domain-only',
      PORTS,
      [CORE, DOMAIN, PORTS],
      'A port says what we need in our own words: it imports core, domain and other ports. A type of an SDK in a port would reach every caller: ' +
        'translate it in the adapter.',
    ),
    only(
      'content-is-data',
      '^functions/content/',
      ['^functions/content/'],
      'functions/content holds clinical rows as data: it imports nothing. Its shape is the schema in a policy.ts or in domain; functions/service.ts reads it and hands it on.',
    ),
    only(
      'cards-import-core-and-domain-only',
      '^cards/',
      [CORE, DOMAIN, '^cards/'],
      'cards/ renders what it is given: it imports core, domain and itself. Look nothing up while rendering; put it into the view that is rendered.',
    ),
    {
      name: 'workflows-do-not-import-each-other',
      severity: 'error',
      comment: 'Two workflows meet through events, never through imports. Publish an event the other one hears, or move the shared word to domain.',
      from: { path: '^functions/workflows/([^/]+)/' },
      to: { path: '^functions/workflows/', pathNot: '^functions/workflows/$1/' },
    },
    only(
      'workflows-import-core-domain-and-card-kit-only',
      '^functions/workflows/[^/]+/',
      [CORE, DOMAIN, '^cards/kit/', '^functions/workflows/', ZOD],
      'A workflow is pure: it imports core, domain, cards/kit, zod and its own folder. What it needs of the world it asks for by an effect; ' +
        'clinical numbers come in as policy.',
    ),
    only(
      'models-import-core-and-domain-only',
      '^functions/models/([^/]+)/',
      [CORE, DOMAIN, '^functions/models/$1/'],
      'A model is a pure function in a folder of its own: it imports core, domain and that folder. A numeric library is added to this rule in the ADR that chooses it.',
    ),
    only(
      'engine-imports-core-domain-and-ports-only',
      '^functions/engine/',
      [CORE, DOMAIN, PORTS, '^functions/engine/'],
      'The engine knows ports, never what stands behind them: it imports core, domain, ports and itself, no npm package and no Node built-in. ' +
        'Take what is missing as a port; functions/service.ts puts the two together.',
    ),
    {
      name: 'adapters-import-inward',
      severity: 'error',
      comment:
        'An adapter imports ports, core, domain, its own folder and its own SDK. What it needs of the rest it is given by functions/service.ts.',
      // One exception: the adapter whose outside thing is the models that ship with the program.
      from: { path: '^functions/adapters/', pathNot: '^functions/adapters/embedded/models[.]ts$' },
      to: { path: '^(functions|bot|cards|infra|test)/', pathNot: [CORE, DOMAIN, PORTS, '^functions/adapters/'] },
    },
    {
      name: 'adapters-do-not-import-each-other',
      severity: 'error',
      comment:
        'One folder for one outside thing, so that it can be replaced alone. What two adapters share belongs in domain or behind a port; what needs node:crypto and ' +
        'both stores do alike (sealing, the hash chain of the audit) has a folder of its own.',
      from: { path: '^functions/adapters/([^/]+)/' },
      to: { path: '^functions/adapters/', pathNot: ['^functions/adapters/$1/', '^functions/adapters/(sealing|audit-chain)/'] },
    },
    {
      name: 'fhir-client-only-in-its-adapter',
      severity: 'error',
      comment: 'fhir-kit-client is the SDK of functions/adapters/fhir. Elsewhere ask the port functions/ports/fhir-server.ts.',
      from: { pathNot: ['^functions/adapters/fhir/', '^test/'] },
      to: { path: `${NPM}fhir-kit-client/` },
    },
    {
      name: 'bot-imports-inward',
      severity: 'error',
      comment:
        'The bot is an adapter: it imports core, domain, ports, cards, its own folder and the bot SDKs. It asks the engine through functions/ports/desk.ts.',
      from: { path: '^bot/' },
      to: { path: '^(functions|infra|test)/', pathNot: [CORE, DOMAIN, PORTS] },
    },
    {
      name: 'only-bot-imports-bot-sdk',
      severity: 'error',
      comment: 'Bot SDKs are imported inside bot/ only (ADR 0008): the way out of an archived SDK is one folder long. Use the ports people and desk.',
      from: { pathNot: ['^bot/', '^test/', NPM] },
      to: { path: BOT_SDKS },
    },
    {
      name: 'bot-sdk-only-in-the-files-of-adr-0032',
      severity: 'error',
      comment:
        'ADR 0032 lists the files of bot/ that a move to another SDK touches, and these are they. Work on Turn and Envelope instead, or add the file there and here.',
      from: { path: '^bot/', pathNot: '^bot/(adapter|agent|outbound/connector|outbound/people|conversation/planner)[.]ts$' },
      to: { path: BOT_SDKS },
    },
    {
      name: 'mcp-sdk-only-in-its-folder',
      severity: 'error',
      comment:
        'The MCP SDK is the SDK of bot/mcp. Who is signed in and what they may read is decided before it, by the guard beside it and behind functions/ports/outside.ts.',
      from: { pathNot: ['^bot/mcp/', '^test/', NPM] },
      to: { path: `${NPM}@modelcontextprotocol/` },
    },
    only(
      'triggers-import-engine-and-azure-functions-only',
      '^functions/triggers/',
      [CORE, DOMAIN, PORTS, '^functions/engine/', '^functions/triggers/', `${NPM}@azure/functions`],
      'A trigger is five to fifteen lines without logic: it takes what Azure gives, calls the engine and answers. It imports the engine, @azure/functions and ' +
        'the words they speak (ports, core, domain); functions/service.ts hands it the rest.',
    ),
    {
      name: 'azure-functions-only-in-triggers',
      severity: 'error',
      comment:
        '@azure/functions is the SDK of functions/triggers, and of infra/local, which stands in for its host. Nothing else knows where it runs.',
      from: { pathNot: ['^functions/triggers/', '^functions/main[.]ts$', '^infra/local/', '^test/', NPM] },
      to: { path: `${NPM}@azure/functions` },
    },
    {
      name: 'rehearsal-shares-no-code-with-adapters-or-models',
      severity: 'error',
      comment:
        'The rehearsal hospital does not mark our homework (DECISIONS 36): neither directly nor by way of other files does it use functions/adapters or ' +
        'functions/models. It speaks HL7 through another library and keeps its own ledgers.',
      from: { path: '^infra/rehearsal/' },
      to: { path: '^functions/(adapters|models)/', reachable: true },
    },
    {
      name: 'product-does-not-need-infra',
      severity: 'error',
      comment:
        'dist/ holds functions, bot and cards. An import of infra from there would work here and fail where it is deployed: move the code inward.',
      from: { path: '^(functions|bot|cards)/' },
      to: { path: '^infra/' },
    },
    {
      name: 'no-dep-on-test',
      severity: 'error',
      comment: 'Nothing but tests imports from test/. What others need as well belongs in infra/ (a stand-in) or in functions/adapters/embedded.',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Two files that need each other are one idea, or hide a third: move what both need into a file of its own.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'The import points at nothing. Inside a folder write `./x.ts`, across top folders `#core/x.js`; packages must stand in package.json.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      comment:
        'functions, bot and cards are deployed with production dependencies only. Install it without --save-dev, or move the code to infra/ or test/.',
      // The tab's page is bundled: nothing of it is loaded by the server.
      from: { path: '^(functions|bot|cards)/', pathNot: '^bot/tab/page/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: `${NPM}@types/` },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing: delete it, or import it where it was meant to be used.',
      from: {
        orphan: true,
        pathNot: [
          '[.]test[.]ts$',
          '[.]d[.]ts$',
          '^functions/content/',
          '^bot/tab/page/',
          '^infra/run[.]mjs$',
          '^infra/local/end-with-parent[.]mjs$',
          '^infra/local/edge/phone/',
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: NPM },
    exclude: { path: '^(dist|[.]data|[.]tmp|coverage|bot/tab/dist)/' },
    // `import type` counts: a type from the wrong side is a wrong direction too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    // The `#` names of package.json, read as Node reads them from source (--conditions=source).
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'node', 'import', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
    skipAnalysisNotInRules: false,
  },
};
