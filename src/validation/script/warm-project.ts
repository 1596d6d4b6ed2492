import { compiler } from './compiler.ts';
import { ScriptProject } from './project.ts';

let shared: ScriptProject | undefined;

/** The one service of this thread: the libraries stay parsed, and files that did not change since the last check too. */
export function warmProject(): ScriptProject {
  shared ??= new ScriptProject(compiler().createDocumentRegistry());
  return shared;
}
