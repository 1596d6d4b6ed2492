import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../../config/index.ts';
import { MgeError } from '../../domain/index.ts';
import { routedPath } from '../request-path.ts';

/** Which paths each flag switches off. Health, maintenance and the API description stay. */
const FLAGS: readonly { readonly flag: keyof Config['flags']; readonly variable: string; readonly paths: RegExp }[] = [
  { flag: 'v2', variable: 'ENABLE_V2', paths: /^\/api\/v2(\/|$)/ },
  { flag: 'atomization', variable: 'V2_ATOMIZATION_ENABLED', paths: /^\/api\/v2\/(atomization|atoms)\b/ },
  { flag: 'dependencyGraph', variable: 'V2_DEPENDENCY_GRAPH_ENABLED', paths: /^\/api\/v2\/graphs\b/ },
];
const ALWAYS = /^\/api\/v2\/(openapi\.json|health|[a-z]+\/health|admin\/maintenance)$/;

/** A V2 flag set to false turns its endpoints into a 503 that names the flag. */
export const featureFlagsPlugin = fp<{ flags: Config['flags'] }>(
  async (app: FastifyInstance, { flags }) => {
    const off = FLAGS.filter(({ flag }) => !flags[flag]);
    if (off.length === 0) return;
    app.addHook('onRequest', async (request) => {
      const path = routedPath(request);
      const found = ALWAYS.test(path) ? undefined : off.find(({ paths }) => paths.test(path));
      if (found)
        throw new MgeError('FEATURE_DISABLED', `This is switched off: the flag ${found.variable} is false.`, {
          details: { flag: found.variable },
        });
    });
  },
  { name: 'feature-flags', dependencies: ['problems'] },
);
