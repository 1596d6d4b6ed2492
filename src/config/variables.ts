import { LOG_LEVELS, PROVIDER_NAMES, SANDBOX_MODES } from './config.ts';

/** One variable of the environment, as it is documented. */
export interface Variable {
  readonly name: string;
  /** What it is when it is not set; null = nothing. */
  readonly standard: string | null;
  readonly description: string;
  /** It may also come from the file that NAME_FILE names. */
  readonly isSecret?: boolean;
}

interface Section {
  readonly title: string;
  readonly variables: readonly Variable[];
}

/** Every variable that the program reads. */
export const VARIABLE_SECTIONS: readonly Section[] = [
  {
    title: 'Where it runs',
    variables: [
      {
        name: 'NODE_ENV',
        standard: 'development',
        description:
          'development, production or test; production wants JWT_SECRET or JWT_JWKS_URL and listens on all addresses',
      },
      { name: 'HOST', standard: null, description: '127.0.0.1 unless set; 0.0.0.0 in production' },
      { name: 'PORT', standard: null, description: '8000 unless set; 8001 for `mge worker` (health and metrics)' },
      {
        name: 'ALLOWED_ORIGINS',
        standard: null,
        description: 'origins of web pages that may call the API, separated by commas',
      },
      { name: 'LOG_LEVEL', standard: 'info', description: LOG_LEVELS.join(', ') },
      {
        name: 'MGE_SANDBOX',
        standard: 'auto',
        description: `where generated code runs: ${SANDBOX_MODES.join(', ')}; off runs none`,
      },
      { name: 'MGE_DATA_DIR', standard: '.mge', description: 'folder of embedded servers, generated secrets and logs' },
    ],
  },
  {
    title: 'Servers; each is embedded when it is not set',
    variables: [
      {
        name: 'DATABASE_URL',
        standard: null,
        description: 'postgresql://user:password@host:5432/devmatrix',
        isSecret: true,
      },
      {
        name: 'REDIS_URL',
        standard: null,
        description: 'redis://host:6379 or rediss://…; Redis 6.2 or Valkey, noeviction',
        isSecret: true,
      },
      { name: 'CHROMA_URL', standard: null, description: 'http://host:8000' },
    ],
  },
  {
    title: 'Tokens: one of the two',
    variables: [
      {
        name: 'JWT_SECRET',
        standard: null,
        description: 'shared secret, 16 characters or more; made and kept in MGE_DATA_DIR unless set',
        isSecret: true,
      },
      { name: 'JWT_JWKS_URL', standard: null, description: 'public keys of an identity provider' },
    ],
  },
  {
    title: 'Switches; off answers 503',
    variables: [
      { name: 'ENABLE_V2', standard: 'true', description: 'everything under /api/v2' },
      { name: 'V2_ATOMIZATION_ENABLED', standard: 'true', description: 'atomization and atoms' },
      { name: 'V2_DEPENDENCY_GRAPH_ENABLED', standard: 'true', description: 'dependency graphs' },
    ],
  },
  {
    title: 'How dependency graphs are made',
    variables: [
      {
        name: 'MGE_GRAPH_CHECKED',
        standard: 'false',
        description: 'adds what the TypeScript checker finds; seconds of CPU for each graph',
      },
    ],
  },
  {
    title: 'Who writes the code, and its limits',
    variables: [
      {
        name: 'MGE_PROVIDER',
        standard: 'blueprint',
        description: `${PROVIDER_NAMES.join(', ')}; blueprint needs no key and no network`,
      },
      { name: 'MGE_MODEL', standard: null, description: 'name of the model, as its provider spells it' },
      {
        name: 'OPENAI_BASE_URL',
        standard: 'https://api.openai.com/v1',
        description: 'any endpoint that speaks the protocol of OpenAI',
      },
      { name: 'OPENAI_API_KEY', standard: null, description: 'key for OPENAI_BASE_URL', isSecret: true },
      {
        name: 'ANTHROPIC_BASE_URL',
        standard: 'https://api.anthropic.com',
        description: 'endpoint of Anthropic or a gateway to it',
      },
      { name: 'ANTHROPIC_API_KEY', standard: null, description: 'key for ANTHROPIC_BASE_URL', isSecret: true },
      {
        name: 'MGE_PROVIDER_FALLBACK',
        standard: null,
        description: 'openai or anthropic: asked while MGE_PROVIDER is away',
      },
      { name: 'MGE_MODEL_PLAN', standard: null, description: 'model that plans, where it is not MGE_MODEL' },
      { name: 'MGE_MODEL_DRAFT', standard: null, description: 'model that writes files' },
      { name: 'MGE_MODEL_REPAIR', standard: null, description: 'model that puts atoms right' },
      { name: 'MGE_MODEL_ESCALATE', standard: null, description: 'model that is asked when the others fail' },
      {
        name: 'MGE_MODEL_PRICES',
        standard: null,
        description: 'JSON like {"my-model": [0.5, 1.5]}: US dollars per million input and output tokens',
      },
      {
        name: 'MGE_REQUESTS_PER_MINUTE',
        standard: null,
        description: 'calls per key over all workers; what the API states unless set',
      },
      {
        name: 'MGE_TOKENS_PER_MINUTE',
        standard: null,
        description: 'tokens per key over all workers; what the API states unless set',
      },
      {
        name: 'MGE_ANSWER_CACHE_HOURS',
        standard: '168',
        description: 'how long accepted answers at temperature 0 are kept; 0 = not at all',
      },
      {
        name: 'MGE_PATTERNS',
        standard: 'true',
        description: 'show models examples that Chroma finds by meaning',
      },
      { name: 'MGE_BUDGET_USD', standard: '200', description: 'US dollars that one masterplan may cost' },
      {
        name: 'MGE_CONCURRENCY',
        standard: '100',
        description: 'atoms in flight at once: of one execution, and in one worker',
      },
    ],
  },
];

/** The text of an environment file that sets nothing and documents everything. */
export function renderEnvironmentExample(): string {
  const lines = [
    '# Environment of MGE. Everything has a default: uncomment what differs. Made by `mge config example`.',
    '# Each secret may come from a file instead: NAME_FILE=/run/secrets/name.',
  ];
  for (const { title, variables } of VARIABLE_SECTIONS) {
    lines.push('', `# --- ${title}`);
    for (const { name, standard, description, isSecret } of variables)
      lines.push(`# ${description}${isSecret ? ' (secret)' : ''}`, `# ${name}=${standard ?? ''}`);
  }
  return `${lines.join('\n')}\n`;
}
