import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A compile takes 2 to 5 s alone, far longer beside other work. */
const PATIENCE_MS = 180_000;
const repository = join(import.meta.dirname, '..', '..');
let root: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function build(): { readonly code: number | null; readonly said: string } {
  const ran = spawnSync(process.execPath, ['--conditions=source', join(root, 'infra', 'build.ts')], { cwd: root, encoding: 'utf8' });
  return { code: ran.status, said: ran.stdout + ran.stderr };
}

/** A repository in small: the real build script, the real compiler settings, two source files. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'radloop-build-'));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
  for (const path of ['tsconfig.json', 'functions/tsconfig.json', 'infra/build.ts', 'bot/tab/page/vite.config.ts']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(repository, path), join(root, path));
  }
  const imports = { '#core/*.js': { source: './functions/core/*.ts', default: './functions/core/*.js' } };
  write(
    'package.json',
    JSON.stringify({ name: 'x', version: '1.2.3', type: 'module', main: 'functions/main.js', imports, dependencies: { a: '1' } }),
  );
  write('package-lock.json', '{}');
  write('bot/tab/page/index.html', '<!doctype html><title>Radloop</title><script type="module" src="./main.tsx"></script>');
  write('bot/tab/page/main.tsx', "document.title = 'built';\n");
  write('functions/core/break-glass.ts', 'export const minutes = 60;\n');
  write('functions/host.json', '{"version":"2.0"}');
  write('functions/content/rules/one.json', '{}');
  write('functions/core/word.ts', `import { less } from './less.ts';\nexport const word: string = less;\n`);
  write('functions/core/less.ts', `export const less = 'built';\n`);
  write('functions/main.ts', `import { word } from '#core/word.js';\nconsole.log(word);\n`);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the build', () => {
  it(
    'makes an app that plain Node runs, without the sources',
    () => {
      expect(build()).toMatchObject({ code: 0 });
      const manifest: unknown = JSON.parse(readFileSync(join(root, 'dist', 'package.json'), 'utf8'));
      expect(manifest).toMatchObject({
        type: 'module',
        main: 'functions/main.js',
        imports: { '#core/*.js': './functions/core/*.js' },
        dependencies: { a: '1' },
      });
      expect(existsSync(join(root, 'dist', 'host.json'))).toBe(true);
      expect(existsSync(join(root, 'dist', 'functions', 'content', 'rules', 'one.json'))).toBe(true);
      rmSync(join(root, 'functions'), { recursive: true });
      expect(spawnSync(process.execPath, [join(root, 'dist', 'functions', 'main.js')], { encoding: 'utf8' }).stdout).toBe('built\n');
    },
    PATIENCE_MS,
  );

  it(
    'does nothing when nothing changed, and follows a change, a new rule and a file that went',
    () => {
      build();
      const stamp = join(root, 'dist', '.built');
      const first = statSync(stamp).mtimeMs;
      build();
      expect(statSync(stamp).mtimeMs).toBe(first);
      write('functions/core/less.ts', `export const less = 'built again';\n`);
      write('functions/content/rules/two.json', '{}');
      const later = new Date(Date.now() + 5000);
      utimesSync(join(root, 'functions', 'core', 'less.ts'), later, later);
      write('functions/core/gone.ts', `export const gone = 1;\n`);
      build();
      expect(readFileSync(join(root, 'dist', 'functions', 'core', 'less.js'), 'utf8')).toMatch(/built again/u);
      expect(existsSync(join(root, 'dist', 'functions', 'content', 'rules', 'two.json'))).toBe(true);
      expect(existsSync(join(root, 'dist', 'functions', 'core', 'gone.js'))).toBe(true);
      rmSync(join(root, 'functions', 'core', 'gone.ts'));
      build();
      expect(existsSync(join(root, 'dist', 'functions', 'core', 'gone.js'))).toBe(false);
    },
    PATIENCE_MS,
  );

  it(
    "ends with 1 and the compiler's lines when a source does not compile, as often as it is run",
    () => {
      write('functions/main.ts', `export const n: number = 'text';\n`);
      for (let time = 0; time < 2; time++) {
        const { code, said } = build();
        expect(code).toBe(1);
        expect(said).toMatch(/functions\/main\.ts\(1,14\): error TS2322/u);
        expect(said).not.toMatch(/at .*build\.ts/u);
      }
    },
    PATIENCE_MS,
  );

  it(
    'waits for a build that runs and takes over from one that was killed',
    () => {
      const lock = join(root, '.tmp', 'build.lock');
      mkdirSync(lock, { recursive: true });
      const past = new Date(Date.now() - 600_000);
      utimesSync(lock, past, past);
      expect(build()).toMatchObject({ code: 0 });
      expect(existsSync(lock)).toBe(false);
    },
    PATIENCE_MS,
  );
});
