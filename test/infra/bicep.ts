import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, Parser as BicepParser } from 'web-tree-sitter';

/** Bicep as a tree: syntax only. Nothing here compiles a template, and nobody has deployed one. */
let parser: BicepParser | null = null;

/** The library frees by finalizers, which run when a suite and its memory are long gone, in the middle of another suite: without them nothing is freed, and the process ends soon. */
class NeverFinalized {
  register(): void {
    // Nothing is finalized.
  }
  unregister(): boolean {
    return false;
  }
}

async function bicepParser(): Promise<BicepParser> {
  if (parser !== null) return parser;
  Object.assign(globalThis, { FinalizationRegistry: NeverFinalized });
  const { Language, Parser } = await import('web-tree-sitter');
  await Parser.init();
  const made = new Parser();
  made.setLanguage(await Language.load(join('node_modules', 'tree-sitter-bicep', 'tree-sitter-bicep.wasm')));
  parser = made;
  return made;
}

/** A file's tree, and what is wrong with its syntax: line, column, the text there. */
export interface Template {
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  readonly faults: readonly string[];
}

const known = new Map<string, Template>();

/** Each text is parsed once: the parser's memory is small, and its trees stay in it. */
export async function templateOf(file: string, text: string): Promise<Template> {
  const before = known.get(`${file}\n${text}`);
  if (before !== undefined) return before;
  const template = await parsed(file, text);
  known.set(`${file}\n${text}`, template);
  return template;
}

async function parsed(file: string, text: string): Promise<Template> {
  const tree = (await bicepParser()).parse(text);
  if (tree === null) throw new Error(`${file} could not be parsed at all.`);
  const faults: string[] = [];
  for (const node of all(tree.rootNode, () => true))
    if (node.isError || node.isMissing)
      faults.push(`${file}:${String(node.startPosition.row + 1)}:${String(node.startPosition.column + 1)} ${node.text.slice(0, 40)}`);
  return { file, text, root: tree.rootNode, faults };
}

export async function readTemplate(file: string): Promise<Template> {
  return templateOf(file, readFileSync(file, 'utf8'));
}

/** The grammar does not know `param NAME = value` of parameter files: as `var NAME = value` the same expressions are parsed. */
export async function readParameters(file: string): Promise<Template> {
  return templateOf(file, readFileSync(file, 'utf8').replace(/^param (\w+) =/gmu, 'var $1 ='));
}

export function all(node: Node, wanted: (node: Node) => boolean): Node[] {
  const found: Node[] = [];
  const walk = (at: Node): void => {
    if (wanted(at)) found.push(at);
    for (const child of at.children) walk(child);
  };
  walk(node);
  return found;
}

export function ofType(node: Node, type: string): Node[] {
  return all(node, (at) => at.type === type);
}

/** A declaration: `resource NAME 'TYPE@VERSION' = …`, `module NAME 'FILE' = …`, `param NAME …`. */
export interface Declared {
  readonly name: string;
  /** Type without version, or the module's file. */
  readonly what: string;
  readonly isExisting: boolean;
  readonly node: Node;
}

export function resourcesOf({ root }: Template): Declared[] {
  return ofType(root, 'resource_declaration').map((node) => declared(node, (text) => text.split('@')[0] ?? ''));
}

export function modulesOf({ root }: Template): Declared[] {
  return ofType(root, 'module_declaration').map((node) => declared(node, (text) => text));
}

function declared(node: Node, what: (text: string) => string): Declared {
  const [, name = '', type = ''] = /^(?:@[^\n]*\n\s*)*(?:resource|module)\s+(\w+)\s+'([^']+)'/u.exec(node.text) ?? [];
  return { name, what: what(type), isExisting: /^(?:resource)\s+\w+\s+'[^']+'\s+existing/u.test(node.text), node };
}

/** Text of the value at a path of names such as `properties.disableLocalAuth`; null: there is none. Looks into the first object of a loop, condition or array. */
export function valueAt(node: Node, path: string): string | null {
  let at: Node | null = firstObject(node);
  const names = path.split('.');
  for (const [index, name] of names.entries()) {
    const value: Node | null = at === null ? null : propertyOf(at, name);
    if (value === null) return null;
    if (index === names.length - 1) return value.text;
    at = firstObject(value);
  }
  return null;
}

export function propertiesOf(object: Node): { readonly name: string; readonly value: Node }[] {
  return object.namedChildren
    .filter((child) => child.type === 'object_property')
    .map((property) => ({
      name: (property.namedChild(0)?.text ?? '').replace(/^'|'$/gu, ''),
      value: property.namedChild(property.namedChildCount - 1),
    }))
    .filter((property): property is { name: string; value: Node } => property.value !== null);
}

function propertyOf(object: Node, name: string): Node | null {
  return propertiesOf(object).find((property) => property.name === name)?.value ?? null;
}

function firstObject(node: Node): Node | null {
  return node.type === 'object' ? node : (ofType(node, 'object')[0] ?? null);
}
