/** Which names stand for an effect on the outside world. Kinds form a closed set. */
const EFFECTS = [
  'output',
  'files',
  'network',
  'environment',
  'database',
  'process',
  'time',
  'randomness',
  'screen',
] as const;
export type Effect = (typeof EFFECTS)[number];

const NAMES: Readonly<Record<Effect, string>> = {
  output:
    'print println printf console logging logger log stdout stderr echo puts Println Printf fmt warn System.out eprintln',
  files:
    'open Path pathlib shutil tempfile fs readFile writeFile readFileSync writeFileSync mkdir unlink rename copyfile io glob',
  network:
    'requests httpx urllib urlopen http https fetch socket aiohttp XMLHttpRequest WebSocket axios net smtplib TestClient',
  environment: 'environ getenv env import.meta argv',
  database: 'commit rollback execute executemany cursor session db query flush transaction create_engine sessionmaker',
  process: 'subprocess exit system Popen spawn exec kill signal fork abort',
  time: 'sleep now utcnow today setTimeout setInterval clearTimeout clearInterval requestAnimationFrame Date perf_counter monotonic',
  randomness: 'random randint uuid4 uuid1 secrets randomUUID shuffle choice getRandomValues urandom',
  screen: 'document window render createRoot localStorage sessionStorage history location navigator alert',
};

/** Names that are an effect only where they are called as a member: `list.query` says nothing. */
const MEMBER_ONLY = new Set([
  'commit',
  'rollback',
  'execute',
  'executemany',
  'flush',
  'query',
  'write',
  'now',
  'exec',
  'choice',
  'render',
]);

const BY_NAME = new Map<string, Effect>(
  EFFECTS.flatMap((effect) => NAMES[effect].split(' ').map((name): [string, Effect] => [name, effect])),
);

/** The effect that calling or touching `name` has; undefined for none. */
export function effectOf(name: string, isMember: boolean): Effect | undefined {
  const effect = BY_NAME.get(name);
  return effect !== undefined && (isMember || !MEMBER_ONLY.has(name)) ? effect : undefined;
}
