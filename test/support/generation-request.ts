import type { GenerationRequest } from '../../src/adapters/llm/provider.ts';

/** A question for one atom of Python with nothing special about it. */
export function generationRequest(more: Partial<GenerationRequest> = {}): GenerationRequest {
  return {
    atom: {
      name: 'x',
      description: 'The number one.',
      filePath: 'app/x.py',
      language: 'python',
      role: 'declaration',
      symbolPath: 'x',
      context: {
        imports: [],
        defines: [],
        uses: [],
        types: [],
        preconditions: [],
        postconditions: [],
        side_effects: [],
        docstring: null,
        enclosing: [],
        test_cases: [],
        language_version: null,
        completeness: [],
        completeness_score: 1,
      },
      draft: new Uint8Array(),
    },
    attempt: 1,
    temperature: 0.7,
    seed: 1,
    before: '',
    after: '',
    dependencies: [],
    findings: [],
    feedback: null,
    ...more,
  };
}
