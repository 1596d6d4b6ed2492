import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { renderChart, type Manifest } from '../../support/helm.ts';
import { VARIABLE_SECTIONS } from '../../../src/config/index.ts';

const CHART = fileURLToPath(new URL('../../../deploy/helm/mge', import.meta.url));
const DEPLOY = fileURLToPath(new URL('../../../deploy', import.meta.url));

interface Container {
  readonly args: string[];
  readonly image: string;
  readonly env?: { name: string; value: string }[];
  readonly envFrom: { secretRef?: { name: string }; configMapRef?: { name: string } }[];
  readonly ports?: { containerPort: number }[];
  readonly livenessProbe?: { httpGet: { path: string } };
  readonly readinessProbe?: { httpGet: { path: string } };
  readonly securityContext: Record<string, unknown>;
  readonly volumeMounts: { name: string; mountPath: string }[];
}
interface Pod {
  readonly securityContext: Record<string, unknown>;
  readonly containers: [Container];
  readonly volumes: { name: string }[];
}

const find = (manifests: Manifest[], kind: string, name: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === `test-mge${name}`);
  if (!found) throw new Error(`the chart makes no ${kind} ${name}`);
  return found;
};
const specOf = <T>(manifest: Manifest): T => manifest['spec'] as T;
const podOf = (manifest: Manifest): Pod => specOf<{ template: { spec: Pod } }>(manifest).template.spec;

describe('the Helm chart', () => {
  const manifests = renderChart(CHART);

  it('makes an API and workers, a service for the API, and budgets for disruptions', () => {
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'ConfigMap test-mge',
      'Deployment test-mge-api',
      'Deployment test-mge-worker',
      'Job test-mge-migrate',
      'PodDisruptionBudget test-mge-api',
      'PodDisruptionBudget test-mge-worker',
      'Service test-mge',
      'ServiceAccount test-mge',
    ]);
    for (const manifest of manifests)
      expect(manifest.metadata.labels, manifest.metadata.name).toMatchObject({ 'app.kubernetes.io/name': 'mge' });
  });

  it('runs everything unprivileged, with secrets by reference only', () => {
    const pods = [
      find(manifests, 'Deployment', '-api'),
      find(manifests, 'Deployment', '-worker'),
      find(manifests, 'Job', '-migrate'),
    ].map(podOf);
    for (const pod of pods) {
      const [container] = pod.containers;
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.envFrom).toEqual([{ secretRef: { name: 'mge' } }, { configMapRef: { name: 'test-mge' } }]);
      expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
    }
    const secrets = VARIABLE_SECTIONS.flatMap(({ variables }) =>
      variables.filter((variable) => variable.isSecret).map(({ name }) => name),
    );
    for (const name of Object.keys(find(manifests, 'ConfigMap', '')['data'] as object))
      expect(secrets).not.toContain(name);
  });

  it('probes each process where it listens', () => {
    for (const [name, command, port] of [
      ['-api', 'serve', 8000],
      ['-worker', 'worker', 8001],
    ] as const) {
      const [container] = podOf(find(manifests, 'Deployment', name)).containers;
      expect(container.args).toEqual(['mge', command]);
      expect(container.env).toContainEqual({ name: 'PORT', value: String(port) });
      expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
      expect(container.livenessProbe?.httpGet.path).toBe('/health/live');
      expect(container.readinessProbe?.httpGet.path).toBe('/health/ready');
    }
    const selector = specOf<{ selector: Record<string, string> }>(find(manifests, 'Service', '')).selector;
    expect(selector).toEqual({
      'app.kubernetes.io/name': 'mge',
      'app.kubernetes.io/instance': 'test',
      'app.kubernetes.io/component': 'api',
    });
  });

  it('migrates before the rest, with what it needs already there', () => {
    const weight = (manifest: Manifest) => Number(manifest.metadata.annotations?.['helm.sh/hook-weight']);
    const [job, config] = [find(manifests, 'Job', '-migrate'), find(manifests, 'ConfigMap', '')];
    for (const manifest of [job, config])
      expect(manifest.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    expect(weight(config)).toBeLessThan(weight(job));
    expect(podOf(job).containers[0].args).toEqual(['mge', 'db', 'upgrade']);
  });

  it('scales workers by the work that waits, or by CPU, and never by both', () => {
    const replicas = (rendered: Manifest[]) =>
      specOf<{ replicas?: number }>(find(rendered, 'Deployment', '-worker')).replicas;
    expect(replicas(manifests)).toBe(2);
    const keda = renderChart(CHART, { autoscaling: { keda: { enabled: true } } });
    expect(replicas(keda)).toBeUndefined();
    const scaled = specOf<{ triggers: { type: string; metadata: { query: string } }[] }>(
      find(keda, 'ScaledObject', '-worker'),
    );
    expect(scaled.triggers[0]?.metadata.query).toMatch(/atom_queue.*stage_jobs/);
    const hpa = renderChart(CHART, { autoscaling: { hpa: { enabled: true } } });
    expect(replicas(hpa)).toBeUndefined();
    expect(find(hpa, 'HorizontalPodAutoscaler', '-worker')).toBeDefined();
    expect(() => renderChart(CHART, { autoscaling: { hpa: { enabled: true }, keda: { enabled: true } } })).toThrow(
      /both enabled/,
    );
  });

  it('renders with everything switched on', () => {
    const rendered = renderChart(CHART, {
      ingress: { enabled: true, className: 'nginx', tlsSecret: 'tls' },
      podMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      imagePullSecrets: [{ name: 'registry' }],
      serviceAccount: { annotations: { role: 'x' } },
      api: { nodeSelector: { disk: 'ssd' }, tolerations: [{ operator: 'Exists' }], affinity: { nodeAffinity: {} } },
      image: { tag: '1.2.3' },
    });
    expect(podOf(find(rendered, 'Deployment', '-api'))).toMatchObject({
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ operator: 'Exists' }],
      containers: [{ image: 'mge:1.2.3' }],
    });
    expect(find(rendered, 'Ingress', '')).toBeDefined();
    expect(find(rendered, 'PodMonitor', '')).toBeDefined();
    const alerts = parse(readFileSync(`${DEPLOY}/prometheus/alerts.yaml`, 'utf8')) as object;
    expect(find(rendered, 'PrometheusRule', '')['spec']).toEqual(alerts);
  });
});
