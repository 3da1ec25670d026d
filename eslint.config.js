// ESLint: typescript-eslint's strictest type-checked set, and the rules that protect a promise of the design:
// the clinical logic is pure (so that a replay decides the same), brands can't be forged, bot SDKs stay behind bot/.
// Import directions are checked by .dependency-cruiser.cjs. test/architecture shows each rule of both to fail on a planted violation.
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const pure = ['functions/core/**', 'functions/domain/**', 'functions/workflows/**', 'functions/models/**', 'cards/**'];
const product = ['functions/**', 'bot/**', 'cards/**'];

const moment = 'Time comes in: as `moment.now` in a workflow, as an argument elsewhere (HOUSE-STYLE 3.2). Then a replay decides the same.';
const world = 'Pure code asks for this by an effect, or is given it as an argument; adapters and the engine touch the world.';

const impureGlobals = [
  'process',
  'fetch',
  'crypto',
  'console',
  'performance',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'structuredClone',
  'WebSocket',
  'require',
].map((name) => ({ name, message: world }));

const impureSyntax = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: `No clock in pure code. ${moment}` },
  { selector: 'CallExpression[callee.name="Date"]', message: `No clock in pure code. ${moment}` },
  { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: `No clock in pure code. ${moment}` },
  { selector: 'MemberExpression[object.name="Temporal"][property.name="Now"]', message: `No clock in pure code. ${moment}` },
  { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: `No chance in pure code. ${world}` },
  { selector: 'ImportExpression', message: `No import while running in pure code. ${world}` },
  {
    selector: 'TSAsExpression:not([typeAnnotation.typeName.name="const"])',
    message: 'No `as` but `as const` in pure code: a cast can forge a branded name or an Approval. Parse with the schema, or narrow with a check.',
  },
  { selector: 'TSTypeAssertion', message: 'No casts in pure code: a cast can forge a branded name or an Approval. Parse with the schema.' },
];

const botSdk = {
  regex: '^(botbuilder|botframework|@microsoft/teams-ai|@microsoft/agents-)',
  message: 'Bot SDKs are imported inside bot/ only (ADR 0008): the way out of an archived SDK is one folder long. Use the ports people and desk.',
};
const nodeModules = {
  regex: `^(node:|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$)`,
  message: `No Node built-in in pure code. ${world}`,
};

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', '.data/', '.tmp/', 'coverage/', 'devTools/', 'bot/tab/dist/'] },
  // A rule is changed here, with a reason, and never switched off in passing.
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // A switch names every case, or says by `default` what holds for the rest.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // Text is read character by character only where it is ASCII by its schema (case numbers, HL7 separators).
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // A port is asynchronous although an embedded adapter answers at once.
      '@typescript-eslint/require-await': 'off',
      // "No setting" and "an empty setting" mean the same in most of our inputs.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // Passing on what was caught is not throwing something odd.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      // The caller names the shape of a row (`all<Row>(sql)`); it is parsed where it matters.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // `return refuse(response)` is how a handler ends early.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-restricted-imports': ['error', { patterns: [botSdk] }],
    },
  },
  {
    // The one place where inputs are told apart: a new input must be decided on, not fall into a `default`.
    files: ['functions/workflows/*/decide.ts'],
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
    },
  },
  {
    // Settings are read once, by one file, so that a wrong one is found at the start and named.
    files: product,
    ignores: ['functions/config.ts', ...pure],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'functions/config.ts is the only reader of the environment. Add the setting there and pass it in.',
        },
      ],
    },
  },
  { files: ['bot/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    // The SDKs' enums are plain strings on the wire, and their classes are often all we need the shape of.
    files: ['bot/**', 'test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      'no-restricted-syntax': ['error', ...impureSyntax],
      'no-restricted-imports': ['error', { patterns: [botSdk, nodeModules] }],
    },
  },
  {
    // Tests read JSON that they check themselves, and say `!` in expectations rather than in code that runs at a hospital.
    files: ['test/**/*.ts', 'infra/bench/**'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
    },
  },
  { files: ['test/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.base],
    rules: { 'no-unused-vars': 'error', 'prefer-const': 'error', 'no-var': 'error' },
  },
);
