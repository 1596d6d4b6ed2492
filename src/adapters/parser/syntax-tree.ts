/**
 * A syntax tree as plain objects of this thread's heap. Rules look at the same nodes many times: a look at the parser's own nodes
 * is a call into WebAssembly and a copy each time, a look at these is a property. They need no deletion.
 */
import type { Tree } from 'web-tree-sitter';
import { tabulate } from './syntax-table.ts';
import { ERROR_KIND, NODE_ERROR, NODE_EXTRA, NODE_MISSING, NODE_NAMED } from './tree-memory.ts';

/** A place in a text; both count from 0, the column in UTF-16 units. */
export interface SyntaxPosition {
  readonly row: number;
  readonly column: number;
}

let lastId = 0;

/** A node, with the names that the parser's own interface gives to its parts. Positions are UTF-16 indexes, end exclusive. */
export class SyntaxNode {
  /** Names the node among all of the thread. */
  readonly id: number;
  readonly tree: SyntaxTree;
  /** Place among all nodes of the tree in document order, and the place after its last descendant. */
  readonly entry: number;
  readonly after: number;
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly parent: SyntaxNode | null;
  /** The field of its parent that it fills; null for none. */
  readonly fieldName: string | null;
  private readonly flags: number;
  private allChildren: readonly SyntaxNode[] | undefined;
  private ownNamed: readonly SyntaxNode[] | undefined;

  constructor(
    tree: SyntaxTree,
    place: { readonly entry: number; readonly after: number; readonly start: number; readonly end: number },
    kind: { readonly type: string; readonly fieldName: string | null; readonly flags: number },
    parent: SyntaxNode | null,
  ) {
    this.id = ++lastId;
    this.tree = tree;
    this.entry = place.entry;
    this.after = place.after;
    this.type = kind.type;
    this.startIndex = place.start;
    this.endIndex = place.end;
    this.parent = parent;
    this.fieldName = kind.fieldName;
    this.flags = kind.flags;
  }

  get text(): string {
    return this.tree.text.slice(this.startIndex, this.endIndex);
  }

  get isNamed(): boolean {
    return (this.flags & NODE_NAMED) !== 0;
  }

  get isMissing(): boolean {
    return (this.flags & NODE_MISSING) !== 0;
  }

  get isError(): boolean {
    return (this.flags & NODE_ERROR) !== 0;
  }

  get isExtra(): boolean {
    return (this.flags & NODE_EXTRA) !== 0;
  }

  /** True when the node is, or holds, an error or something missing. */
  get hasError(): boolean {
    if (!this.tree.hasError) return false;
    return this.parent === null || this.isError || this.isMissing || this.children.some((child) => child.hasError);
  }

  get startPosition(): SyntaxPosition {
    return this.tree.positionAt(this.startIndex);
  }

  get children(): readonly SyntaxNode[] {
    if (this.allChildren !== undefined) return this.allChildren;
    const found: SyntaxNode[] = [];
    for (let at = this.entry + 1; at < this.after;) {
      const child = this.tree.nodes[at];
      if (child === undefined) break;
      found.push(child);
      at = child.after;
    }
    return (this.allChildren = found);
  }

  get namedChildren(): readonly SyntaxNode[] {
    return (this.ownNamed ??= this.children.filter(({ isNamed }) => isNamed));
  }

  get childCount(): number {
    return this.children.length;
  }

  get namedChildCount(): number {
    return this.namedChildren.length;
  }

  child(index: number): SyntaxNode | null {
    return this.children[index] ?? null;
  }

  namedChild(index: number): SyntaxNode | null {
    return this.namedChildren[index] ?? null;
  }

  get lastChild(): SyntaxNode | null {
    return this.children.at(-1) ?? null;
  }

  get firstNamedChild(): SyntaxNode | null {
    return this.namedChildren[0] ?? null;
  }

  get lastNamedChild(): SyntaxNode | null {
    return this.namedChildren.at(-1) ?? null;
  }

  get nextNamedSibling(): SyntaxNode | null {
    return this.parent?.children.find(({ entry, isNamed }) => isNamed && entry > this.entry) ?? null;
  }

  /** The first child that fills a field; null where none does. */
  childForFieldName(name: string): SyntaxNode | null {
    for (const child of this.children) if (child.fieldName === name) return child;
    return null;
  }

  childrenForFieldName(name: string): readonly SyntaxNode[] {
    return this.children.filter(({ fieldName }) => fieldName === name);
  }

  /** The node itself and what lies below it, of one type, in document order. */
  descendantsOfType(type: string): SyntaxNode[] {
    return this.tree.nodes.slice(this.entry, this.after).filter((node) => node.type === type);
  }
}

/** A parsed text. Nothing of it refers to the parser any more. */
export class SyntaxTree {
  /** The text as it was parsed: lone carriage returns read as line ends. */
  readonly text: string;
  /** In document order; the first is the root. */
  readonly nodes: readonly SyntaxNode[];
  readonly rootNode: SyntaxNode;
  readonly hasError: boolean;
  private lineStarts: readonly number[] | undefined;

  /** Copies `tree`, which was parsed from `text` and stays the caller's to delete. */
  constructor(tree: Tree, text: string) {
    this.text = text;
    this.hasError = tree.rootNode.hasError;
    const { count, kind, start, end, parent, after, field, flags, types, fields } = tabulate(tree);
    const nodes = new Array<SyntaxNode>(count);
    for (let entry = 0; entry < count; entry++) {
      const code = kind[entry] ?? ERROR_KIND;
      nodes[entry] = new SyntaxNode(
        this,
        { entry, after: after[entry] ?? count, start: start[entry] ?? 0, end: end[entry] ?? 0 },
        {
          type: code === ERROR_KIND ? 'ERROR' : (types[code] ?? 'ERROR'),
          fieldName: fields[field[entry] ?? 0] ?? null,
          flags: flags[entry] ?? 0,
        },
        nodes[parent[entry] ?? -1] ?? null,
      );
    }
    const [root] = nodes;
    if (root === undefined) throw new Error('a syntax tree has no root');
    this.nodes = nodes;
    this.rootNode = root;
  }

  positionAt(index: number): SyntaxPosition {
    const starts = (this.lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return { row: low, column: index - (starts[low] ?? 0) };
  }
}

/** As the parser counts lines: by line feeds. */
function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Nodes that a thread keeps of texts that it has read, about 20 MB. */
const KEPT_NODES = 100_000;

/** Trees of the texts that were read last: one text is read by many rules, and tests and neighbours come with every candidate. */
export class TreeCache {
  private readonly trees = new Map<string, SyntaxTree>();
  private nodes = 0;

  get(language: string, text: string): SyntaxTree | undefined {
    const key = `${language} ${text}`;
    const tree = this.trees.get(key);
    if (tree !== undefined) {
      this.trees.delete(key);
      this.trees.set(key, tree);
    }
    return tree;
  }

  set(language: string, text: string, tree: SyntaxTree): void {
    if (tree.nodes.length > KEPT_NODES / 2) return;
    this.trees.set(`${language} ${text}`, tree);
    this.nodes += tree.nodes.length;
    for (const [key, oldest] of this.trees) {
      if (this.nodes <= KEPT_NODES) return;
      this.trees.delete(key);
      this.nodes -= oldest.nodes.length;
    }
  }
}
