import type TypeScript from 'typescript';
import type { TaskContract } from '../../contract/task-contract.ts';
import { compiler } from '../compiler.ts';
import { specifierMeans } from '../uses.ts';
import { Reckoner } from './reckoner.ts';
import { Give, Scope } from './signals.ts';
import type { StepBudget } from './step-budget.ts';

/** A checked file and what its task knows of the project. */
export interface Modules {
  readonly path: string;
  readonly source: TypeScript.SourceFile;
  readonly contract: TaskContract;
  /** Files of the project that have been read, by path. */
  readonly read: Map<string, TypeScript.SourceFile>;
}

interface Loaded {
  readonly scope: Scope;
  readonly source: TypeScript.SourceFile;
}

/** A reckoner with the checked file, and what it imports of the project, loaded in it. */
export class Bench {
  readonly reckoner: Reckoner;
  private readonly loaded = new Map<string, Loaded>();
  private readonly modules: Modules;

  constructor(modules: Modules, budget: StepBudget) {
    this.modules = modules;
    this.reckoner = new Reckoner(budget);
  }

  load(path: string): Loaded {
    const known = this.loaded.get(path);
    if (known !== undefined) return known;
    const ts = compiler();
    const source = path === this.modules.path ? this.modules.source : this.sibling(path);
    const scope = new Scope(null);
    const loaded = { scope, source };
    this.loaded.set(path, loaded);
    this.importInto(scope, source, path);
    this.reckoner.block(
      source.statements.filter((statement) => !ts.isExportAssignment(statement)),
      scope,
    );
    return loaded;
  }

  /** Read once for all examples: the same text is the same tree. */
  private sibling(path: string): TypeScript.SourceFile {
    const known = this.modules.read.get(path);
    if (known !== undefined) return known;
    const ts = compiler();
    const text = this.modules.contract.siblings.find((file) => file.path === path)?.text ?? '';
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    this.modules.read.set(path, source);
    return source;
  }

  exported({ scope, source }: Loaded, name: string): unknown {
    const ts = compiler();
    for (const statement of source.statements) {
      if (
        ts.isExportDeclaration(statement) &&
        statement.exportClause !== undefined &&
        ts.isNamedExports(statement.exportClause)
      )
        for (const element of statement.exportClause.elements)
          if (element.name.text === name) return scope.find((element.propertyName ?? element.name).text)?.value;
      if (name === 'default') {
        if (ts.isExportAssignment(statement)) return this.reckoner.value(statement.expression, scope);
        const isDefault =
          ts.canHaveModifiers(statement) &&
          ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
        if (
          isDefault === true &&
          (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) &&
          statement.name !== undefined
        )
          return scope.find(statement.name.text)?.value;
      }
    }
    const found = scope.find(name);
    if (found === null) throw new Give(`the export ${name}`);
    return found.value;
  }

  importInto(scope: Scope, source: TypeScript.SourceFile, from: string): void {
    const ts = compiler();
    const paths = [this.modules.path, ...this.modules.contract.siblings.map(({ path }) => path)];
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const specifier = statement.moduleSpecifier.text;
      const path = paths.find((candidate) => specifierMeans(specifier, from, candidate));
      const clause = statement.importClause;
      if (path === undefined || clause === undefined || clause.isTypeOnly) continue;
      const module = this.load(path);
      if (clause.name !== undefined) scope.declare(clause.name.text, this.exported(module, 'default'));
      const bindings = clause.namedBindings;
      if (bindings === undefined) continue;
      if (ts.isNamespaceImport(bindings)) throw new Give('a namespace');
      for (const element of bindings.elements) {
        const name = (element.propertyName ?? element.name).text;
        // Types are imported like values, and have none.
        if (!element.isTypeOnly && (module.scope.find(name) !== null || name === 'default'))
          scope.declare(element.name.text, this.exported(module, name));
        else if (!element.isTypeOnly) this.tryExport(scope, module, element.name.text, name);
      }
    }
  }

  private tryExport(scope: Scope, module: Loaded, local: string, name: string): void {
    try {
      scope.declare(local, this.exported(module, name));
    } catch (error) {
      if (!(error instanceof Give)) throw error;
    }
  }
}
