import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables one by one and remembers every problem instead of stopping at the first. */
export class Reader {
  readonly problems: string[] = [];
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  text(name: string): string | null {
    const value = this.env[name]?.trim();
    return value ? value : null;
  }

  /** A secret: NAME, or the content of the file that NAME_FILE names. */
  secret(name: string, minLength = 1): string | null {
    const direct = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (direct && file) this.problems.push(`${name} and ${name}_FILE are both set; keep one`);
    let value = direct;
    if (!direct && file) {
      try {
        value = readFileSync(file, 'utf8').trim() || null;
        if (!value) this.problems.push(`${name}_FILE names an empty file: ${file}`);
      } catch (error) {
        this.problems.push(`${name}_FILE cannot be read: ${(error as Error).message}`);
      }
    }
    if (value && value.length < minLength) this.problems.push(`${name} is shorter than ${minLength} characters`);
    return value;
  }

  number(name: string, fallback: number, range: { min: number; max: number; integer: boolean }): number {
    const raw = this.text(name);
    if (raw === null) return fallback;
    const value = Number(raw);
    if (
      Number.isFinite(value) &&
      value >= range.min &&
      value <= range.max &&
      (!range.integer || Number.isInteger(value))
    )
      return value;
    const kind = range.integer ? 'a whole number' : 'a number';
    this.problems.push(`${name} is "${raw}"; it takes ${kind} from ${range.min} to ${range.max}`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const raw = this.text(name)?.toLowerCase();
    if (raw === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(raw)) return true;
    if (['false', '0', 'no', 'off'].includes(raw)) return false;
    this.problems.push(`${name} is "${raw}"; it takes true or false`);
    return fallback;
  }

  oneOf<const T extends string>(name: string, values: readonly T[], fallback: T): T {
    const raw = this.text(name)?.toLowerCase();
    if (raw === undefined) return fallback;
    const found = values.find((value) => value === raw);
    if (found) return found;
    this.problems.push(`${name} is "${raw}"; it takes one of ${values.join(', ')}`);
    return fallback;
  }

  url(name: string, protocols: readonly string[], fallback: string | null = null, isSecret = false): string | null {
    const raw = isSecret ? this.secret(name) : this.text(name);
    if (raw === null) return fallback;
    try {
      const { protocol } = new URL(raw);
      if (protocols.includes(protocol)) return raw;
      this.problems.push(`${name} starts with "${protocol}"; it takes ${protocols.join(' or ')}`);
    } catch {
      this.problems.push(`${name} is not a URL; it looks like ${protocols[0]}//host:port`);
    }
    return fallback;
  }
}
