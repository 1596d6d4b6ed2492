/** What is wrong with a `spec`, gathered with a pointer to each wrong part. */
import type { FieldProblem } from '../../domain/index.ts';
import { FieldTextError } from './request/field-text.ts';

/** An object of unchecked JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether unchecked JSON is an object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Collects problems; `attempt` turns what a part throws into one. */
export class Problems {
  readonly list: FieldProblem[] = [];

  add(pointer: string, detail: string): null {
    this.list.push({ pointer, detail });
    return null;
  }

  attempt<T>(pointer: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (error instanceof FieldTextError) return this.add(pointer, error.message);
      throw error;
    }
  }

  unknownMembers(value: Json, allowed: readonly string[], pointer: string): void {
    for (const name of Object.keys(value)) {
      if (!allowed.includes(name))
        this.add(`${pointer}/${escapePointer(name)}`, `unknown member; known are ${allowed.join(', ')}`);
    }
  }
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
