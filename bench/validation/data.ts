import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** How a case's tests are run: by which runner, from which file, and which share of them (`even`: every other one). */
export interface TestRun {
  readonly kind: string;
  readonly main: string;
  readonly filter?: 'even' | 'all';
}

/** A task with a solution that is known to be right. */
export interface PrecisionCase {
  readonly id: string;
  readonly set: string;
  readonly language: string;
  readonly level: string;
  readonly task: string;
  readonly prompt: string;
  readonly entry: string | null;
  readonly target: string;
  readonly files: Readonly<Record<string, string>>;
  readonly tests: Readonly<Record<string, string>>;
  readonly run: { readonly visible: TestRun | null; readonly hidden: TestRun };
}

/** A changed solution: verified to be wrong (`fault`), or to be as right as before (`benign`). */
export interface Variant {
  readonly mid: string;
  readonly case: string;
  readonly cls: string;
  readonly kind: 'fault' | 'benign';
  readonly note: string;
  readonly language: string;
  readonly set: string;
  readonly visible_pass: boolean | null;
  /** Null: the file is not delivered. */
  readonly files: Readonly<Record<string, string | null>>;
}

async function* jsonLines<T>(file: string): AsyncGenerator<T> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
}

/** The folder of the data: `--data`, else MGE_PRECISION_DATA; null, with the reason, where there is none. */
export function findData(option: string | undefined): { folder: string } | { reason: string } {
  const folder = option ?? process.env['MGE_PRECISION_DATA'];
  if (folder === undefined)
    return { reason: 'skipped: name the folder of the data with --data DIR or MGE_PRECISION_DATA' };
  const missing = ['cases.jsonl.gz', 'mutants.jsonl.gz'].find((name) => !existsSync(join(folder, name)));
  return missing === undefined ? { folder } : { reason: `skipped: ${folder} holds no ${missing}` };
}

export async function loadCases(folder: string): Promise<Map<string, PrecisionCase>> {
  const cases = new Map<string, PrecisionCase>();
  for await (const item of jsonLines<PrecisionCase>(join(folder, 'cases.jsonl.gz'))) cases.set(item.id, item);
  return cases;
}

/** The right solutions as they are (class `canonical`), then every variant of the file. */
export async function* loadVariants(
  folder: string,
  cases: ReadonlyMap<string, PrecisionCase>,
): AsyncGenerator<Variant> {
  for (const { id, language, set, files } of cases.values())
    yield {
      mid: `${id}#canonical`,
      case: id,
      cls: 'canonical',
      kind: 'benign',
      note: '',
      language,
      set,
      visible_pass: true,
      files,
    };
  // A variant names the files that differ; the others are the case's own.
  for await (const variant of jsonLines<Variant>(join(folder, 'mutants.jsonl.gz')))
    yield { ...variant, files: { ...cases.get(variant.case)?.files, ...variant.files } };
}
