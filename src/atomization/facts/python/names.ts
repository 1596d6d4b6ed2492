import { DEF_FLAG } from '../types.ts';

/** Content of a plain string literal without its quotes and prefix; null where it is not one. */
export function stringContent(source: string): string | null {
  const match = /^[rRuUbBfF]{0,2}("""|'''|"|')([\s\S]*)\1$/.exec(source);
  return match?.[2] ?? null;
}

/** Flags that a decorator gives to what it decorates, by the decorator's source without arguments. */
export function decoratorFlags(source: string): number {
  const name = source.replace(/\(.*$/s, '').trim();
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (last === 'property' || last === 'abstractproperty') return DEF_FLAG.property | DEF_FLAG.getter;
  if (last === 'cached_property' || last === 'hybrid_property')
    return DEF_FLAG.property | DEF_FLAG.getter | DEF_FLAG.cached;
  if (last === 'setter' || last === 'deleter') return DEF_FLAG.property | DEF_FLAG.setter;
  if (last === 'getter') return DEF_FLAG.property | DEF_FLAG.getter;
  if (last === 'staticmethod') return DEF_FLAG.static;
  if (last === 'classmethod' || last === 'validator' || last === 'field_validator') return DEF_FLAG.classMethod;
  if (last === 'overload') return DEF_FLAG.bare;
  return 0;
}

const WORD = /[A-Za-z_][A-Za-z_0-9]*/y;

/** A type in a string annotation, as a small tree. */
export type Annotation =
  | { readonly kind: 'name'; readonly name: string; readonly pos: number }
  | { readonly kind: 'member'; readonly of: Annotation; readonly name: string; readonly pos: number }
  | { readonly kind: 'generic'; readonly of: Annotation; readonly args: readonly Annotation[] }
  | { readonly kind: 'union'; readonly items: readonly Annotation[] }
  | { readonly kind: 'list'; readonly items: readonly Annotation[] };

/** Parses a type written inside a string; `pos` are offsets into `source`. Null when it is not one. */
export function parseAnnotation(source: string): Annotation | null {
  let at = 0;
  const skip = (): void => {
    while (at < source.length && /\s/.test(source[at] ?? '')) at += 1;
  };
  const take = (character: string): boolean => {
    skip();
    if (source[at] !== character) return false;
    at += 1;
    return true;
  };
  const items = (end: string): Annotation[] | null => {
    const found: Annotation[] = [];
    while (!take(end)) {
      const item = union();
      if (item === null) return null;
      found.push(item);
      take(',');
    }
    return found;
  };
  const word = (): { name: string; pos: number } | null => {
    skip();
    WORD.lastIndex = at;
    const match = WORD.exec(source);
    if (match === null) return null;
    at = WORD.lastIndex;
    return { name: match[0], pos: match.index };
  };
  const atom = (): Annotation | null => {
    if (take('[')) {
      const list = items(']');
      return list === null ? null : { kind: 'list', items: list };
    }
    const first = word();
    if (first === null) return null;
    let result: Annotation = { kind: 'name', ...first };
    for (;;) {
      if (take('.')) {
        const next = word();
        if (next === null) return null;
        result = { kind: 'member', of: result, ...next };
      } else if (take('[')) {
        const args = items(']');
        if (args === null) return null;
        result = { kind: 'generic', of: result, args };
      } else return result;
    }
  };
  const union = (): Annotation | null => {
    const first = atom();
    if (first === null) return null;
    const all = [first];
    while (take('|')) {
      const next = atom();
      if (next === null) return null;
      all.push(next);
    }
    return all.length === 1 ? first : { kind: 'union', items: all };
  };
  const result = union();
  skip();
  return at === source.length ? result : null;
}
