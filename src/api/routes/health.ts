import type { Static } from 'typebox';
import type { HealthCheck, HealthPart, HealthStatus } from '../../operations/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { ref } from '../schemas/common.ts';
import { HealthReport } from '../schemas/health.ts';

type Report = Static<typeof HealthReport>;

const WHOLE: readonly HealthPart[] = ['database', 'migrations', 'redis', 'chromadb'];
/** Parts whose failure only degrades the service. */
const DISPENSABLE: ReadonlySet<HealthPart> = new Set<HealthPart>(['chromadb']);

interface HealthRoute {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly parts: readonly HealthPart[];
  /** The part is what is asked about: then its failure is a failure. */
  readonly strict?: boolean;
}

const ROUTES: readonly HealthRoute[] = [
  { path: '/health', id: 'getHealth', summary: 'The whole service (same as /health/ready)', parts: WHOLE },
  { path: '/health/ready', id: 'getReadiness', summary: 'Whether to send traffic here', parts: WHOLE },
  { path: '/api/v1/health', id: 'getHealthV1', summary: 'The whole service', parts: WHOLE },
  { path: '/api/v1/health/db', id: 'getDatabaseHealth', summary: 'PostgreSQL', parts: ['database'], strict: true },
  { path: '/api/v1/health/redis', id: 'getRedisHealth', summary: 'Redis', parts: ['redis'], strict: true },
  { path: '/api/v1/health/chromadb', id: 'getChromaHealth', summary: 'Chroma', parts: ['chromadb'], strict: true },
  { path: '/api/v2/health', id: 'getHealthV2', summary: 'The whole service', parts: WHOLE },
  { path: '/api/v2/atoms/health', id: 'getAtomsHealth', summary: 'Atomization', parts: ['atoms'] },
  { path: '/api/v2/graphs/health', id: 'getGraphsHealth', summary: 'Dependency graphs', parts: ['graphs'] },
  { path: '/api/v2/validation/health', id: 'getValidationHealth', summary: 'Validation', parts: ['validation'] },
  { path: '/api/v2/execution/health', id: 'getExecutionHealth', summary: 'Execution', parts: ['execution', 'redis'] },
  { path: '/api/v2/review/health', id: 'getReviewHealth', summary: 'Review', parts: ['review'] },
];

/** Health of the whole and of its parts, open to everyone; HEAD works too. */
export function registerHealthRoutes(app: Api, services: ApiServices): void {
  for (const route of ROUTES) {
    const described = operation({
      id: route.id,
      tag: 'health',
      summary: route.summary,
      access: 'open',
      responses: { 200: ref(HealthReport), 503: ref(HealthReport) },
    });
    app.get(route.path, described, async (_request, reply) => {
      const report = await reportOn(route, services);
      return reply
        .code(report.status === 'unhealthy' ? 503 : 200)
        .header('cache-control', 'no-store')
        .send(report);
    });
  }
  const live = operation({
    id: 'getLiveness',
    tag: 'health',
    summary: 'Whether the process runs; looks at nothing else',
    access: 'open',
    responses: { 200: ref(HealthReport) },
  });
  app.get('/health/live', live, async () => {
    const uptime: HealthCheck = {
      status: 'healthy',
      detail: `up for ${Math.floor(process.uptime())} s`,
      duration_ms: 0,
    };
    return wrap(services, { process: uptime }, 'healthy');
  });
}

async function reportOn(route: HealthRoute, services: ApiServices): Promise<Report> {
  const answers = await Promise.all(
    route.parts.map(async (part) => [part, await services.health.check(part)] as const),
  );
  const checks: Record<string, HealthCheck> = Object.fromEntries(answers);
  const failed = answers.filter(([, check]) => check.status !== 'healthy').map(([part]) => part);
  let status: HealthStatus = 'healthy';
  if (failed.length > 0)
    status = !route.strict && failed.every((part) => DISPENSABLE.has(part)) ? 'degraded' : 'unhealthy';
  if (services.draining()) {
    checks['process'] = { status: 'unhealthy', detail: 'shutting down', duration_ms: 0 };
    status = 'unhealthy';
  }
  return wrap(services, checks, status);
}

function wrap(services: ApiServices, checks: Record<string, HealthCheck>, status: HealthStatus): Report {
  return { status, version: services.version, checked_at: services.clock.now().toISOString(), checks };
}
