import { posix } from 'node:path';
import { decodeSource } from '../../adapters/parser/index.ts';
import type { SourceFile } from '../../domain/index.ts';

/** What a developer's environment would set, from the example that the project brings. */
export function exampleEnvironment(files: readonly SourceFile[], directory: string): Record<string, string> {
  const names = ['.env.example', '.env.sample'].flatMap((name) => [name, posix.join(directory, name)]);
  const file = files.find(({ path }) => names.includes(posix.normalize(path)));
  if (file === undefined) return {};
  const pairs = [...decodeSource(file.bytes).text.matchAll(/^([A-Z][A-Z0-9_]*)=["']?([^"'\n]*)/gm)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.trim()]));
}
