/** A question as an atom would ask it, and the patterns that answer it: any of them counts. */
export interface LabelledQuery {
  readonly text: string;
  readonly language: string;
  readonly path?: string;
  readonly answers: readonly string[];
}

const q = (language: string, text: string, ...answers: string[]): LabelledQuery => ({ language, text, answers });

/** Written without looking at the words of the patterns: each asks for one of them in other words. */
export const QUERIES: readonly LabelledQuery[] = [
  q(
    'python',
    'call the payment API again when it times out, waiting longer each time',
    'example:python/retry-with-backoff',
  ),
  q('python', 'keep trying a flaky operation before failing', 'example:python/retry-with-backoff'),
  q('python', 'save settings to disk without ever leaving a corrupt file', 'example:python/atomic-file-write'),
  q('python', 'replace a configuration file safely if the machine crashes', 'example:python/atomic-file-write'),
  q(
    'python',
    'verify the credentials of a user at login',
    'example:python/password-hash',
    'example:python/jwt-dependency',
  ),
  q('python', 'never keep plain secrets of accounts in the database', 'example:python/password-hash'),
  q('python', 'load customers from a spreadsheet file, listing bad lines', 'example:python/read-csv-with-errors'),
  q(
    'python',
    'parse comma separated values',
    'example:python/read-csv-with-errors',
    'example:python/stream-csv-download',
  ),
  q('python', 'download all invoices as a spreadsheet', 'example:python/stream-csv-download'),
  q('python', 'infinite scroll over messages', 'example:python/cursor-pagination'),
  q('python', 'return the next chunk of results after a given id', 'example:python/cursor-pagination'),
  q(
    'python',
    'who is the caller of this endpoint? read it from the Authorization header',
    'example:python/jwt-dependency',
  ),
  q('python', 'only administrators may use this endpoint', 'example:python/role-check'),
  q('python', 'permission check for managers', 'example:python/role-check'),
  q('python', 'hide removed items but keep them for later recovery', 'example:python/soft-delete'),
  q('python', 'archive rows instead of dropping them', 'example:python/soft-delete'),
  q(
    'python',
    'articles can have several labels and a label belongs to several articles',
    'example:python/many-to-many',
  ),
  q('python', 'association table between students and courses', 'example:python/many-to-many'),
  q('python', 'throttle requests of a single client', 'example:python/rate-limit-token-bucket'),
  q('python', 'allow at most ten calls a second with short bursts', 'example:python/rate-limit-token-bucket'),
  q('python', 'memoize results but bound the memory', 'example:python/lru-cache-class'),
  q('python', 'evict least recently used items', 'example:python/lru-cache-class'),
  q('python', 'in which order must the build steps run', 'example:python/topological-sort'),
  q('python', 'detect cyclic dependencies', 'example:python/topological-sort'),
  q('python', 'terminal tool with verbs like add and remove', 'example:python/argparse-subcommands'),
  q('python', 'parse the arguments of a console script', 'example:python/argparse-subcommands'),
  q('python', 'process e-mails asynchronously with a pool of workers', 'example:python/background-queue'),
  q('python', 'users can attach pictures to their profile', 'example:python/upload-with-limits'),
  q('python', 'reject attachments that are too large', 'example:python/upload-with-limits'),
  q('python', 'integration test of an HTTP endpoint with a temporary database', 'example:python/pytest-api-client'),
  q('python', 'track when and by whom a record was modified', 'example:python/audit-fields'),
  q('python', 'settings of the service from environment variables', 'blueprint:python/backend-app-settings-py'),
  q('python', 'database session for each request', 'blueprint:python/backend-app-database-py'),
  q('typescript', 'search box should not fire on each key stroke', 'example:typescript/debounce'),
  q('typescript', 'wait until typing stops', 'example:typescript/debounce'),
  q('typescript', 'download many files but only four at once', 'example:typescript/limited-concurrency'),
  q('typescript', 'bounded parallelism for promises', 'example:typescript/limited-concurrency'),
  q('typescript', 'publish and subscribe inside of the process', 'example:typescript/typed-event-emitter'),
  q('typescript', 'abort a slow web request', 'example:typescript/fetch-with-timeout'),
  q('typescript', 'errors as values instead of exceptions', 'example:typescript/result-type'),
  q('typescript', 'endpoint that adds a product and returns it', 'example:typescript/fastify-crud-route'),
  q(
    'typescript',
    'central place where exceptions of the web server become responses',
    'example:typescript/express-error-handler',
  ),
  q('typescript', 'guard a route by token and role', 'example:typescript/jwt-prehandler'),
  q('typescript', 'query with filter, order and offset from the database', 'example:typescript/drizzle-pagination'),
  q('typescript', 'forget old cache entries when it is full', 'example:typescript/lru-cache-map'),
  q('typescript', 'are two nested objects the same', 'example:typescript/deep-equal'),
  q('typescript', 'bucket orders by customer', 'example:typescript/group-by'),
  q('typescript', 'parameterised unit test', 'example:typescript/vitest-table'),
  q('typescript', 'close connections when the container is stopped', 'example:typescript/graceful-shutdown'),
  q('typescript', 'typed client for the HTTP API of todos', 'blueprint:typescript/frontend-src-api-todos-ts'),
  q(
    'tsx',
    'edit dialog with required fields and error messages',
    'example:tsx/react-form',
    'blueprint:tsx/frontend-src-components-todo-form-tsx',
  ),
  q('tsx', 'load data when the component appears', 'example:tsx/react-data-hook'),
  q('tsx', 'click on a column title to order the rows', 'example:tsx/react-table-sort'),
  q(
    'tsx',
    'previous and next buttons below a list',
    'example:tsx/react-pagination',
    'blueprint:tsx/frontend-src-components-pager-tsx',
  ),
  q('tsx', 'redirect visitors without a session to the login', 'example:tsx/protected-route'),
  q('tsx', 'simulate a user filling in a form in a test', 'example:tsx/testing-library-form'),
  q('css', 'cards side by side that wrap on phones', 'example:css/responsive-grid'),
  q('css', 'night mode colours', 'example:css/dark-theme'),
  q('sql', 'add to the stock or create the row', 'example:sql/sql-upsert'),
  q('sql', 'cumulative balance of an account', 'example:sql/sql-running-total'),
  q(
    'dockerfile',
    'image for the backend service',
    'example:dockerfile/dockerfile-python',
    'blueprint:dockerfile/backend-dockerfile',
  ),
  q('yaml', 'continuous integration', 'example:yaml/github-actions-tests', 'blueprint:yaml/-github-workflows-ci-yaml'),
];

/** Questions that no pattern answers: whatever is shown for them is noise. */
export const UNRELATED: readonly string[] = [
  'compute the orbital period of a satellite',
  'multiply two large matrices on the GPU',
  'play a chord on the synthesizer',
  'decode a QR code from a photo',
  'the Fourier transform of a signal',
  'convert Roman numerals',
  'draw a chess board',
  'translate French poems',
  'simulate a pendulum',
  'find prime numbers',
];
