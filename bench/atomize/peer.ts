/** A splitter from npm, judged by the same rules: LangChain's, which knows some languages by their keywords. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Characters that make about ten lines of the corpora. */
const CHUNK = 400;

interface Splitter {
  readonly splitText: (text: string) => Promise<string[]>;
}

interface SplitterModule {
  readonly RecursiveCharacterTextSplitter: {
    readonly fromLanguage: (language: string, options: Readonly<Record<string, unknown>>) => Splitter;
  };
}

export interface Peer {
  /** Where the pieces of a text begin, and whether they join to it. */
  readonly cuts: (extension: string, text: string) => Promise<{ cuts: number[]; lossless: boolean }>;
}

async function cutsOf(splitter: Splitter, text: string): Promise<{ cuts: number[]; lossless: boolean }> {
  const pieces = await splitter.splitText(text);
  const cuts: number[] = [];
  let at = 0;
  for (const piece of pieces) {
    // It trims its pieces: what lies between two of them is counted to the one before.
    const found = text.indexOf(piece, at);
    if (found < 0) continue;
    if (found > (cuts.at(-1) ?? 0)) cuts.push(found);
    at = found + piece.length;
  }
  return { cuts, lossless: pieces.join('') === text };
}

/** Loads `@langchain/textsplitters` (it wants `@langchain/core` beside it) from the packages of `folder`; undefined where it is not installed. */
export async function loadPeer(folder: string): Promise<Peer | undefined> {
  const require = createRequire(join(folder, 'package.json'));
  let module: SplitterModule;
  try {
    module = (await import(pathToFileURL(require.resolve('@langchain/textsplitters')).href)) as SplitterModule;
  } catch {
    return undefined;
  }
  const options = { chunkSize: CHUNK, chunkOverlap: 0 };
  const python = module.RecursiveCharacterTextSplitter.fromLanguage('python', options);
  const script = module.RecursiveCharacterTextSplitter.fromLanguage('js', options);
  return { cuts: (extension, text) => cutsOf(extension === 'py' ? python : script, text) };
}
