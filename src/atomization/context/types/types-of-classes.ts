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

const ACCESS = new Set(['attribute', 'member_expression']);
const MEMBER = new Set(['attribute', 'property']);
const FIELDS = new Set(['public_field_definition', 'field_definition']);

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
    for (let i = node + 1; i < last; i++) this.note(i, node, attributes, sightings);
    return { methods, attributes, sightings };
  }

  private note(i: number, owner: number, attributes: Map<string, number[]>, sightings: Map<string, number[]>): void {
    const { reader } = this;
    const type = reader.type(i);
    if (FIELDS.has(type)) {
      const name = reader.field(i, 'name');
      add(attributes, reader.slice(name < 0 ? reader.field(i, 'property') : name), i);
      return;
    }
    if (type === 'assignment' && reader.type(reader.parent(reader.parent(reader.parent(i)))) === 'class_definition') {
      const left = reader.field(i, 'left');
      const isOwn = reader.parent(reader.parent(reader.parent(i))) === owner;
      if (isOwn && reader.type(left) === 'identifier') add(attributes, reader.slice(left), i);
      return;
    }
    if (!ACCESS.has(type) || !this.self.has(reader.slice(i + 1))) return;
    const member = reader.children(i).find((child) => MEMBER.has(reader.role(child)));
    if (member === undefined) return;
    const name = reader.slice(member);
    const above = reader.parent(i);
    const isTarget = reader.role(i) === 'left' && /^assignment(_expression)?$/.test(reader.type(above));
    if (isTarget) add(attributes, name, above);
    else add(sightings, name, i);
  }
}
