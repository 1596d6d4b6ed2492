import type pg from 'pg';
import { newId } from '../../src/db/index.ts';

export interface LayeredPlan {
  readonly masterplanId: string;
  readonly atoms: number;
  readonly layers: number;
}

/** A masterplan of `layers` layers of equal width; each atom depends on two of the layer before. Made with a few big statements. */
export async function insertLayeredPlan(pool: pg.Pool, atoms: number, layers: number): Promise<LayeredPlan> {
  const width = Math.ceil(atoms / layers);
  const [discovery, plan, graph] = [newId(), newId(), newId()];
  const run = (text: string, values: unknown[]) => pool.query(text, values);
  await run(
    `insert into discovery_documents (discovery_id, session_id, user_id, user_request, domain) values ($1, 'bench', 'bench', 'bench', 'bench')`,
    [discovery],
  );
  await run(
    `insert into masterplans (masterplan_id, discovery_id, session_id, user_id, project_name, provider, total_atoms, total_waves)
     values ($1, $2, 'bench', 'bench', 'Bench', 'blueprint', $3, $4)`,
    [plan, discovery, atoms, layers],
  );
  await run(
    `insert into atomic_units (atom_id, masterplan_id, atom_number, file_ordinal, name, description, role, code_to_generate, file_path,
       line_start, line_end, start_byte, end_byte, language, loc, complexity, context_json, context_completeness, atomicity_score,
       is_atomic, wave_number, critical_path, unmet_dependencies)
     select md5($1::uuid::text || n)::uuid, $1::uuid, n + 1, n % 20, 'atom ' || n, 'An atom of the benchmark', 'declaration',
       'def atom_' || n || '(value):' || E'\\n' || repeat('    value = abs(value - ' || n + 1 || E')\\n', 8) || E'    return value\\n',
       'src/file_' || n / 20 || '.py', 1, 10, 0, 300, 'python', 10, 1,
       jsonb_build_object('imports', '[]'::jsonb, 'uses', jsonb_build_array('abs', 'value'), 'completeness_score', 1), 1, 1, true,
       n / $3::int + 1, $4::int - n / $3::int, case when n < $3::int then 0 else 2 end
     from generate_series(0, $2::int - 1) n`,
    [plan, atoms, width, layers],
  );
  await run(
    `insert into dependency_graphs (graph_id, masterplan_id, graph_data, source_sha256, total_atoms, total_edges, total_waves,
       max_parallelism, has_cycles, topological_order)
     values ($1::uuid, $2::uuid, '{}', md5($2::uuid::text), $3::int, 2 * ($3::int - $5::int), $4::int, $5::int, false, '{}')`,
    [graph, plan, atoms, layers, width],
  );
  await run(
    `insert into atom_dependencies (dependency_id, graph_id, from_atom_id, to_atom_id, dependency_type, metadata)
     select gen_random_uuid(), $2::uuid, md5($1::uuid::text || n)::uuid,
       md5($1::uuid::text || ((n / $4::int - 1) * $4::int + (n % $4::int + k) % $4::int))::uuid, 'FUNCTION_CALL', '{"reason":"bench"}'
     from generate_series($4::int, $3::int - 1) n, generate_series(0, 1) k`,
    [plan, graph, atoms, width],
  );
  await run(
    `insert into execution_waves (wave_id, graph_id, wave_number, atom_ids, total_atoms)
     select gen_random_uuid(), $1::uuid, wave_number, array_agg(atom_id), count(*) from atomic_units where masterplan_id = $2::uuid group by wave_number`,
    [graph, plan],
  );
  await run('update masterplans set graph_id = $2 where masterplan_id = $1', [plan, graph]);
  await run('analyze atomic_units', []);
  await run('analyze atom_dependencies', []);
  return { masterplanId: plan, atoms, layers };
}
