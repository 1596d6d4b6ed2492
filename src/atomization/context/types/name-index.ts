import type { Units } from '../../survey.ts';
import { type Observations, SIGHT } from '../observe.ts';

/** Where each name of a file occurs, for looking one up without reading the others. Built at the first question. */
export class NameIndex {
  private readonly seen: Observations;
  private readonly units: Units;
  private readonly ids: ReadonlyMap<string, number>;
  /** Sights of name `id`: `order` from `first[id]` to `first[id + 1]`, by position. */
  private readonly first: Uint32Array;
  private readonly order: Uint32Array;

  constructor(seen: Observations, units: Units) {
    this.seen = seen;
    this.units = units;
    this.ids = seen.ids;
    const { name } = seen.sights;
    this.first = new Uint32Array(seen.names.length + 1);
    this.order = new Uint32Array(name.length);
    const { first, order } = this;
    const count = name.length;
    for (let i = 0; i < count; i++) first[(name[i] as number) + 1] = (first[(name[i] as number) + 1] as number) + 1;
    for (let id = 0; id < seen.names.length; id++) first[id + 1] = (first[id + 1] as number) + (first[id] as number);
    const next = first.slice();
    for (let sight = 0; sight < count; sight++) {
      const id = name[sight] as number;
      const at = next[id] as number;
      next[id] = at + 1;
      order[at] = sight;
    }
  }

  /** Nodes at which `name` stands for the variable that scope `scope` (a unit; -1 for the module) defines. */
  private *sightsOf(id: number, scope: number, from: number, to: number, sort: number): Generator<number> {
    const { sights } = this.seen;
    for (let i = this.firstAtOrAfter(id, from); i < (this.first[id + 1] as number); i++) {
      const sight = this.order[i] as number;
      if ((sights.position[sight] as number) >= to) return;
      if (sights.sort[sight] === sort && this.ownerOf(id, sights.scope[sight] as number) === scope)
        yield sights.node[sight] as number;
    }
  }

  private firstAtOrAfter(id: number, position: number): number {
    const { position: positions } = this.seen.sights;
    let low = this.first[id] as number;
    let high = this.first[id + 1] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((positions[this.order[middle] as number] as number) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The scope that defines a name as it is seen from `scope`; undefined where none does. */
  private ownerOf(id: number, scope: number): number | undefined {
    const scopes = this.seen.definedIn[id];
    if (scopes === undefined) return undefined;
    for (let s = scope; s >= 0; s = this.units.parent[s] as number) if (scopes.includes(s)) return s;
    return scopes.includes(-1) ? -1 : undefined;
  }

  /** Where a parameter or variable of unit `scope` is used. */
  uses(name: string, scope: number): number[] {
    const id = this.ids.get(name);
    if (id === undefined) return [];
    const [from, to] = this.range(scope);
    return [...this.sightsOf(id, scope, from, to, SIGHT.use)];
  }

  private range(scope: number): [number, number] {
    return scope < 0 ? [0, Infinity] : [this.units.start[scope] as number, this.units.end[scope] as number];
  }

  /** Where a name that is seen from `scope` is defined, and by which scope; undefined where nothing in the file defines it. */
  definition(name: string, scope: number): { readonly scope: number; readonly nodes: number[] } | undefined {
    const id = this.ids.get(name);
    if (id === undefined) return undefined;
    const owner = this.ownerOf(id, scope);
    if (owner === undefined) return undefined;
    const [from, to] = this.range(owner);
    return { scope: owner, nodes: [...this.sightsOf(id, owner, from, to, SIGHT.bind)] };
  }

  /** The module that an import brings a name in from; undefined where none does. */
  importedFrom(name: string): string | undefined {
    const id = this.ids.get(name);
    const at = id === undefined ? -1 : (this.seen.importOf[id] ?? -1);
    return at < 0 ? undefined : this.seen.imports[at]?.module;
  }
}
