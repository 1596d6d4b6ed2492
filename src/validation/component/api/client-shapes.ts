import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { pathOf } from '../../script/project.ts';
import { placeOf } from './script-nodes.ts';
import { type Member, partialOf, type Place, type Shape, TEXT, UNKNOWN, unionOf } from './shape.ts';

/** What type parameters stand for at a call. */
export type TypeArguments = ReadonlyMap<TypeScript.Symbol, TypeScript.Type>;

/** The shapes that types of TypeScript stand for as JSON. */
export class ClientShapes {
  private readonly checker: TypeScript.TypeChecker;

  constructor(checker: TypeScript.TypeChecker) {
    this.checker = checker;
  }

  of(type: TypeScript.Type, at: TypeScript.Node, known: TypeArguments, depth = 0): Shape {
    const ts = compiler();
    const { flags } = type;
    if (depth > 6) return UNKNOWN;
    if ((flags & ts.TypeFlags.TypeParameter) !== 0) {
      const given = type.symbol === undefined ? undefined : known.get(type.symbol);
      return given === undefined ? UNKNOWN : this.of(given, at, known, depth + 1);
    }
    if (type.isStringLiteral()) return { kind: 'text', values: [type.value] };
    if ((flags & ts.TypeFlags.StringLike) !== 0) return TEXT;
    if ((flags & ts.TypeFlags.NumberLike) !== 0) return { kind: 'number' };
    if ((flags & ts.TypeFlags.BooleanLike) !== 0) return { kind: 'boolean' };
    if ((flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0) return { kind: 'null' };
    if (type.isUnion()) return unionOf(type.types.map((part) => this.of(part, at, known, depth + 1)));
    if ((flags & ts.TypeFlags.Object) === 0 && !type.isIntersection()) return UNKNOWN;
    if (this.checker.isArrayType(type)) {
      const [item] = this.checker.getTypeArguments(type as TypeScript.TypeReference);
      return { kind: 'array', item: item === undefined ? UNKNOWN : this.of(item, at, known, depth + 1) };
    }
    const [partial] = type.aliasSymbol?.name === 'Partial' ? (type.aliasTypeArguments ?? []) : [];
    return partial === undefined
      ? this.object(type, at, known, depth)
      : partialOf(this.of(partial, at, known, depth + 1));
  }

  /** What a promise holds. */
  awaited(type: TypeScript.Type): TypeScript.Type {
    const inner = this.checker.getAwaitedType(type);
    return inner ?? type;
  }

  private object(type: TypeScript.Type, at: TypeScript.Node, known: TypeArguments, depth: number): Shape {
    const properties = this.checker.getPropertiesOfType(type);
    if (type.getCallSignatures().length > 0 || properties.length === 0) return UNKNOWN;
    const members = new Map<string, Member>();
    for (const symbol of properties) {
      const declaration = symbol.declarations?.[0];
      // What a library declares (Response, FormData, Date) is no JSON.
      const place = declaration === undefined ? null : placeIn(declaration);
      if (place === null) return UNKNOWN;
      const inner = this.checker.getTypeOfSymbolAtLocation(symbol, at);
      const isOptional = (symbol.flags & compiler().SymbolFlags.Optional) !== 0 || includesUndefined(inner);
      const shape = writtenText(declaration) ?? this.of(inner, at, known, depth + 1);
      members.set(symbol.name, { shape, isOptional, place });
    }
    return { kind: 'object', members, isOpen: this.checker.getIndexInfosOfType(type).length > 0 };
  }
}

/** A text that is written out as a member's value: its type would be any text. */
function writtenText(declaration: TypeScript.Declaration | undefined): Shape | null {
  const ts = compiler();
  const value = declaration !== undefined && ts.isPropertyAssignment(declaration) ? declaration.initializer : undefined;
  return value !== undefined && ts.isStringLiteralLike(value) ? { kind: 'text', values: [value.text] } : null;
}

function placeIn(declaration: TypeScript.Declaration): Place | null {
  const source = declaration.getSourceFile() as TypeScript.SourceFile | undefined;
  return source === undefined || pathOf(source.fileName) === null ? null : placeOf(declaration);
}

function includesUndefined(type: TypeScript.Type): boolean {
  const ts = compiler();
  const parts = type.isUnion() ? type.types : [type];
  return parts.some(({ flags }) => (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0);
}
