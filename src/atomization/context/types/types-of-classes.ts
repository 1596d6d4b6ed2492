import { BIT } from '../../rules/language-rules.ts';
import type { Units } from '../../survey.ts';
import type { TreeReader } from './tree-reader.ts';

/** What is known of a class without running it. */
export interface ClassMembers {
  /** Methods by name, as units. */
  readonly methods: ReadonlyMap<string, number>;
  /** For each attribute, what declares or is assigned to it. */
  readonly attributes: ReadonlyMap<string, readonly number[]>;
  /** Where `self.name` stands, by name. */
  readonly sightings: ReadonlyMap<string, readonly number[]>;
}

const MEMBER = new Set(['attribute', 'property']);

/** What a kind of node is to a class. */
const NOTED = { nothing: 0, field: 1, assignment: 2, access: 3 } as const;
const NOTED_KINDS: Readonly<Record<string, number>> = {
  public_field_definition: NOTED.field,
  field_definition: NOTED.field,
  assignment: NOTED.assignment,
  attribute: NOTED.access,
  member_expression: NOTED.access,
};

const notedByTypes = new WeakMap<readonly string[], Uint8Array>();

/** What each kind of a language is, as one small table: most nodes of a class are nothing. */
function notedKinds(types: readonly string[]): Uint8Array {
  let noted = notedByTypes.get(types);
  if (noted === undefined) {
    noted = Uint8Array.from(types, (type) => NOTED_KINDS[type] ?? NOTED.nothing);
    notedByTypes.set(types, noted);
  }
  return noted;
}

/** No name of the object itself is longer. */
const MAX_SELF = 4;

/** Nodes of a class that are looked at: beyond them a class is data. */
const MAX_NODES = 60_000;

function add(map: Map<string, number[]>, key: string, node: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [node]);
  else list.push(node);
}

/** Reads the classes of one file, each at the first question about it. */
export class ClassReader {
  private readonly reader: TreeReader;
  private readonly units: Units;
  private readonly self: ReadonlySet<string>;
  private readonly read = new Map<number, ClassMembers>();

  constructor(reader: TreeReader, units: Units, self: ReadonlySet<string>) {
    this.reader = reader;
    this.units = units;
    this.self = self;
  }

  /** The class around a unit; -1 for none. */
  around(unit: number): number {
    for (let u = unit; u >= 0; u = this.units.parent[u] as number)
      if (((this.units.bits[u] as number) & BIT.type) !== 0) return u;
    return -1;
  }

  nameOf(unit: number): string {
    return unit < 0 ? '' : this.reader.slice(this.reader.field(this.units.node[unit] as number, 'name'));
  }

  members(unit: number): ClassMembers {
    let members = this.read.get(unit);
    if (members === undefined) {
      members = this.readMembers(unit);
      this.read.set(unit, members);
    }
    return members;
  }

  private readMembers(unit: number): ClassMembers {
    const { reader, units } = this;
    const methods = new Map<string, number>();
    for (let u = unit + 1; u < units.node.length && (units.start[u] as number) < (units.end[unit] as number); u++) {
      const isMethod =
        ((units.bits[u] as number) & BIT.callable) !== 0 && this.around(units.parent[u] as number) === unit;
      if (!isMethod) continue;
      const name = reader.slice(reader.field(units.node[u] as number, 'name'));
      if (name !== '' && !methods.has(name)) methods.set(name, u);
    }
    const attributes = new Map<string, number[]>();
    const sightings = new Map<string, number[]>();
    const node = units.node[unit] as number;
    const last = Math.min(reader.table.after[node] as number, node + MAX_NODES);
    const { kind, types } = reader.table;
    const noted = notedKinds(types);
    for (let i = node + 1; i < last; i++) {
      const what = noted[kind[i] as number] as number;
      if (what !== NOTED.nothing) this.note(i, what, node, attributes, sightings);
    }
    return { methods, attributes, sightings };
  }

  private note(
    i: number,
    what: number,
    owner: number,
    attributes: Map<string, number[]>,
    sightings: Map<string, number[]>,
  ): void {
    const { reader } = this;
    if (what === NOTED.field) {
      const name = reader.field(i, 'name');
      add(attributes, reader.slice(name < 0 ? reader.field(i, 'property') : name), i);
      return;
    }
    // Of an assignment only what stands in the class itself counts: the others are seen from their left side.
    if (what === NOTED.assignment) {
      if (reader.type(reader.parent(reader.parent(reader.parent(i)))) !== 'class_definition') return;
      const left = reader.field(i, 'left');
      const isOwn = reader.parent(reader.parent(reader.parent(i))) === owner;
      if (isOwn && reader.type(left) === 'identifier') add(attributes, reader.slice(left), i);
      return;
    }
    if (reader.length(i + 1) > MAX_SELF || !this.self.has(reader.slice(i + 1))) return;
    const member = reader.children(i).find((child) => MEMBER.has(reader.role(child)));
    if (member === undefined) return;
    const name = reader.slice(member);
    const above = reader.parent(i);
    const isTarget = reader.role(i) === 'left' && /^assignment(_expression)?$/.test(reader.type(above));
    if (isTarget) add(attributes, name, above);
    else add(sightings, name, i);
  }
}
