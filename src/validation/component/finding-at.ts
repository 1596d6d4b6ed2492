import type { Finding, Severity } from '../../domain/index.ts';
import { TextPositions } from '../text-position.ts';

/** A finding at a position of a file's text. */
export function findingAt(
  place: { readonly path: string; readonly text: string; readonly position: number },
  rule: string,
  message: string,
  suggestion: string | null = null,
  severity: Severity = 'error',
): Finding {
  return { file: place.path, ...new TextPositions(place.text).at(place.position), rule, severity, message, suggestion };
}
