import { decodeSource } from '../../adapters/parser/index.ts';
import type { CheckResult, Finding, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { secretFindings } from '../security.ts';
import { TextPositions } from '../text-position.ts';
import { mask } from './mask.ts';
import { SECURITY_RULES } from './security-rules.ts';

const SCANNED = /\.(?:py|[cm]?[jt]sx?|json|ya?ml|toml|ini|cfg|env|html)$|(?:^|\/)(?:\.env[^/]*|Dockerfile)$/;
const TESTS =
  /(?:^|\/)(?:tests?|__tests__)\/|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|\.(?:test|spec)\.[cm]?[jt]sx?$/;
/** Larger files are bundles or data. */
const MAX_CHARACTERS = 400_000;
const MAX_FINDINGS = 100;

/** Scans the assembled project: credentials in every file of text, dangerous calls in code. Tests are scanned for credentials only. */
export function securityCheck(files: readonly SourceFile[]): CheckResult {
  const started = performance.now();
  const findings: Finding[] = [];
  let scanned = 0;
  for (const { path, bytes } of files) {
    if (!SCANNED.test(path) || path.includes('node_modules/') || /-lock\.(?:json|yaml)$/.test(path)) continue;
    const { text } = decodeSource(bytes);
    if (text.length > MAX_CHARACTERS) continue;
    scanned += 1;
    findings.push(...secretFindings(path, text, 0, text.length));
    if (!TESTS.test(path)) findings.push(...dangerousCalls(path, text));
  }
  if (scanned === 0) return notRun('security', 'the project has no file that can be scanned');
  return {
    testType: 'security',
    outcome: findings.length > 0 ? 'failed' : 'passed',
    reason: null,
    findings: findings.slice(0, MAX_FINDINGS),
    durationMs: performance.now() - started,
  };
}

function dangerousCalls(path: string, source: string): Finding[] {
  const language = path.endsWith('.py') ? 'python' : /\.[cm]?[jt]sx?$/.test(path) ? 'script' : null;
  if (language === null) return [];
  const masked = mask(source, language === 'python');
  const positions = new TextPositions(source);
  return SECURITY_RULES.filter((rule) => rule.language === language).flatMap(
    ({ rule, over, pattern, message, suggestion }) =>
      [...masked[over].matchAll(pattern)]
        .filter((match) => !holdsConstant(source, match))
        .map((match): Finding => ({
          file: path,
          ...positions.at(match.index),
          rule,
          severity: 'error',
          message,
          suggestion,
        })),
  );
}

/** An interpolation of a name in capitals is a piece of the program's own text, not a value. */
function holdsConstant(source: string, match: RegExpExecArray): boolean {
  return match[0].endsWith('{') && /^[A-Z][A-Z0-9_]*\}/.test(source.slice(match.index + match[0].length).slice(0, 80));
}

/** Says why versions of dependencies are not held against known weaknesses: that needs a list, and lists come over the network. */
export function vulnerabilitiesCheck(): CheckResult {
  return notRun('vulnerabilities', 'no list of unsafe versions is kept on this machine, and checks have no network');
}
