/** What the features of a project add to files that all of them share: settings, packages, tables. */
import type { FeatureId, ProjectModel } from '../model.ts';

/** Whether the project is built with a feature. */
export function has(project: ProjectModel, id: FeatureId): boolean {
  return project.features.includes(id);
}

/** A setting of the service, read from an environment variable. */
export interface FeatureSetting {
  readonly name: string;
  readonly variable: string;
  /** Python type and default. */
  readonly type: string;
  readonly fallback: string;
  /** Python that reads it from the mapping `env`. */
  readonly read: string;
  /** For `.env.example`. */
  readonly comment: string;
  readonly example: string;
}

function numberSetting(name: string, fallback: number, comment: string): FeatureSetting {
  const variable = name.toUpperCase();
  return {
    name,
    variable,
    type: 'int',
    fallback: String(fallback),
    read: `int(env.get("${variable}") or cls.${name})`,
    comment,
    example: String(fallback),
  };
}

const SETTINGS: Partial<Record<FeatureId, readonly FeatureSetting[]>> = {
  auth: [
    {
      name: 'secret_key',
      variable: 'SECRET_KEY',
      type: 'str | None',
      fallback: 'None',
      read: 'env.get("SECRET_KEY") or cls.secret_key',
      comment:
        'Signs the tokens of signed-in accounts: 32 characters or more, for example from `openssl rand -hex 32`.\n# Without it a random one is drawn at every start, which signs everybody out.',
      example: '',
    },
  ],
  upload: [
    {
      name: 'upload_dir',
      variable: 'UPLOAD_DIR',
      type: 'str',
      fallback: '"./uploads"',
      read: 'env.get("UPLOAD_DIR") or cls.upload_dir',
      comment: 'Where attached files are kept.',
      example: './uploads',
    },
    numberSetting('upload_max_mb', 10, 'The largest file that can be attached.'),
  ],
  rate_limit: [numberSetting('rate_limit_per_minute', 300, 'Requests that one client address may send each minute.')],
  jobs: [
    {
      name: 'job_worker',
      variable: 'JOB_WORKER',
      type: 'bool',
      fallback: 'True',
      read: 'env.get("JOB_WORKER") != "off"',
      comment: 'Whether this process does the background jobs: one process should, all others are told "off".',
      example: 'on',
    },
  ],
};

/** uvicorn has a variable of its own for this; in Flask the service itself must know. */
const BEHIND_PROXY: FeatureSetting = {
  name: 'behind_proxy',
  variable: 'BEHIND_PROXY',
  type: 'bool',
  fallback: 'False',
  read: 'env.get("BEHIND_PROXY") == "on"',
  comment: 'Whether a web server of ours hands requests on and names the client in X-Forwarded-For.',
  example: 'off',
};

/** Settings of the features of a project, in the order of the features. */
export function featureSettings(project: ProjectModel): FeatureSetting[] {
  const settings = project.features.flatMap((id) => SETTINGS[id] ?? []);
  const isFlask = project.stack.blueprint === 'flask';
  return isFlask && has(project, 'rate_limit') ? [...settings, BEHIND_PROXY] : settings;
}

const PACKAGES: Partial<Record<FeatureId, readonly string[]>> = {
  auth: ['pyjwt>=2.6'],
  // SQLAlchemy 1.4 does not know psycopg 3.
  postgres: ['psycopg2-binary>=2.9'],
};

/** Lines of `requirements.txt` that the features need whatever the web framework. */
export function featurePackages(project: ProjectModel): string[] {
  return project.features.flatMap((id) => PACKAGES[id] ?? []).sort();
}

/** A table of a feature: its class and its module in `app.models`. */
export interface FeatureTable {
  readonly module: string;
  readonly name: string;
}

const TABLES: Partial<Record<FeatureId, FeatureTable>> = {
  auth: { module: 'app.models.account', name: 'Account' },
  upload: { module: 'app.models.attachment', name: 'Attachment' },
  audit: { module: 'app.models.audit', name: 'AuditEntry' },
  jobs: { module: 'app.models.job', name: 'Job' },
};

/** The tables that the features bring. */
export function featureTables(project: ProjectModel): FeatureTable[] {
  return project.features.flatMap((id) => TABLES[id] ?? []);
}

/** Whether the session itself must see to what depends on deleted records, so that others can follow it. */
export function followsDeletions(project: ProjectModel): boolean {
  return has(project, 'upload') || has(project, 'audit');
}

/** Whether something works on records of any kind, so that their services can be looked up. */
export function hasCatalog(project: ProjectModel): boolean {
  return has(project, 'upload') || has(project, 'jobs');
}

const SHARED_SETTINGS: Partial<Record<FeatureId, string>> = {
  upload: 'upload_dir=uploads',
  jobs: 'job_worker=False',
  // All tests are one client.
  rate_limit: 'rate_limit_per_minute=1_000_000',
};

/** The settings of the application that tests share; `uploads` is a folder for its files. */
export function sharedSettings(project: ProjectModel): string {
  return `Settings(${project.features.flatMap((id) => SHARED_SETTINGS[id] ?? []).join(', ')})`;
}

/** The settings of an application that a test makes for itself: with a database of its own, and without a worker. */
export function ownSettings(project: ProjectModel, more: readonly string[] = []): string {
  const worker = has(project, 'jobs') ? ['job_worker=False'] : [];
  return `Settings(${['database_url=MEMORY_URL', ...worker, ...more].join(', ')})`;
}

/** Lines for `.env.example` about the features; empty where there are none. */
export function featureEnvironment(project: ProjectModel): string {
  return featureSettings(project)
    .map(({ variable, comment, example }) => `# ${comment}\n${variable}=${example}`)
    .join('\n');
}
