import type { SyntaxTable } from '../adapters/parser/index.ts';
import type { SourceFile } from '../domain/index.ts';
import type { Cuts } from './cuts.ts';
import type { Damage } from './damage.ts';
import type { Lines } from './lines.ts';
import type { Measure } from './measure.ts';
import type { CompiledRules } from './rules/index.ts';
import type { Survey } from './survey.ts';

/** A file with its cuts, before the atoms are described. */
export interface CutFile {
  readonly file: SourceFile;
  readonly text: string;
  readonly lines: Lines;
  readonly measure: Measure;
  readonly cuts: Cuts;
  readonly survey: Survey;
  /** Stretches that do not fit the grammar, second opinions heard. */
  readonly damages: readonly Damage[];
  readonly tree: { readonly table: SyntaxTable; readonly rules: CompiledRules } | null;
}
