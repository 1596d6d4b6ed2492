import { Type } from 'typebox';
import { DEPENDENCY_TYPES } from '../../domain/index.ts';
import { EXPORT_FORMATS, EXPORT_GROUPS } from '../../graph/index.ts';
import { closed, named, nullable, oneOf, ref, Uuid } from './common.ts';

export const GraphExportQuery = closed({
  format: Type.Optional(oneOf(EXPORT_FORMATS, { description: '`json` unless told.' })),
  group: Type.Optional(
    oneOf(EXPORT_GROUPS, {
      description:
        'What nodes stand for. Left out: atoms; in drawings (dot, mermaid) of more than 150 atoms files, of more than 150 files folders.',
    }),
  ),
});

export const PathsQuery = closed({
  from: Uuid,
  to: Uuid,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Chains to give; 5 unless told.' })),
});

export const ImpactQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Atoms to list; 200 unless told.' })),
});

const atomFields = {
  atom_id: Uuid,
  name: Type.String(),
  file_path: Type.String(),
  line_start: Type.Integer({ description: '1-based.' }),
  line_end: Type.Integer({ description: 'Inclusive.' }),
  role: Type.String(),
  wave_number: nullable(Type.Integer()),
};

/** An atom as answers about the graph name it. */
export const GraphAtom = named('GraphAtom', Type.Object(atomFields));

const Link = Type.Object({
  from_atom_id: Uuid,
  to_atom_id: Uuid,
  dependency_type: oneOf(DEPENDENCY_TYPES),
  strength: Type.Number(),
  reason: Type.String(),
});

export const GraphPaths = Type.Object(
  {
    from: ref(GraphAtom),
    to: ref(GraphAtom),
    waits: Type.Boolean({ description: 'Whether `from` waits for `to`.' }),
    paths: Type.Array(
      Type.Object({
        steps: Type.Array(Link),
        atoms: Type.Array(ref(GraphAtom), { description: 'From `from` to `to`.' }),
      }),
      { description: 'Shortest chains, each link with the strongest reason of its pair.' },
    ),
  },
  { description: 'Why one atom waits for another.' },
);

export const GraphImpact = Type.Object(
  {
    atom: ref(GraphAtom),
    total: Type.Integer({ description: 'All atoms that a change may concern.' }),
    files: Type.Array(Type.String(), { description: 'Files of all of them.' }),
    data: Type.Array(
      Type.Object({ ...atomFields, steps: Type.Integer({ description: '1 = depends on the atom directly.' }) }),
      { description: 'Nearest first, at most `limit`.' },
    ),
  },
  { description: 'What waits for an atom, directly or not.' },
);
