import { posix } from 'node:path';
import type { SourceFile } from '../../domain/index.ts';

/** Modules whose package has another name. */
const PACKAGE_OF_MODULE: Readonly<Record<string, readonly string[]>> = {
  attr: ['attrs'],
  bs4: ['beautifulsoup4'],
  cv2: ['opencv-python'],
  dateutil: ['python-dateutil'],
  dotenv: ['python-dotenv'],
  jose: ['python-jose'],
  jwt: ['pyjwt'],
  multipart: ['python-multipart'],
  PIL: ['pillow'],
  psycopg2: ['psycopg2-binary', 'psycopg2'],
  pydantic_settings: ['pydantic-settings'],
  sklearn: ['scikit-learn'],
  starlette: ['fastapi', 'starlette'],
  pydantic: ['fastapi', 'pydantic', 'pydantic-settings'],
  yaml: ['pyyaml'],
};

const MANIFEST = /^(?:requirements[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|Pipfile)$/;

function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Package names that a line of a requirements file, or a string of a manifest, begins with. */
function namesIn(path: string, text: string): string[] {
  const pattern = path.endsWith('.txt')
    ? /^[ \t]*([A-Za-z][\w.-]*)/gm
    : /["']([A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?:[<>=!~;@ ][^"']*)?["']|^([A-Za-z][\w.-]*)\s*=/gm;
  return [...text.matchAll(pattern)].map((match) => normalize(match[1] ?? match[2] ?? ''));
}

/** Packages that the manifests in a folder of the project, or above it, name. Generous: a name too many only costs a check. */
export function declaredPythonPackages(files: readonly SourceFile[], directory: string): ReadonlySet<string> {
  const inside = posix.normalize(directory);
  const manifests = files.filter((file) => {
    const folder = posix.dirname(posix.normalize(file.path));
    return (
      MANIFEST.test(posix.basename(file.path)) &&
      (folder === '.' || folder === inside || inside.startsWith(`${folder}/`) || folder.startsWith(`${inside}/`))
    );
  });
  return new Set(manifests.flatMap((file) => namesIn(file.path, Buffer.from(file.bytes).toString('utf8'))));
}

/** True when one of the declared packages provides the module. */
export function providesModule(declared: ReadonlySet<string>, module: string): boolean {
  return [module, ...(PACKAGE_OF_MODULE[module] ?? [])].some((name) => declared.has(normalize(name)));
}
