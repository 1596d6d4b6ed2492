/** What a request may ask for beside entities: what every project has anyway, what can be added, and what nobody builds. */
import type { FeatureId } from '../model.ts';

export interface Feature {
  readonly pattern: RegExp;
  readonly label: string;
}

/** Part of every project of the blueprint; naming it adds nothing and is confirmed as understood. */
export const SERVED_FEATURES: readonly Feature[] = [
  { pattern: /\b(search(able|ing)?|full text search)\b/, label: 'search over the texts of each entity' },
  { pattern: /\b(filter(s|ing|able)?)\b/, label: 'filters by choice, yes-or-no and relation' },
  { pattern: /\b(sort(s|ing|able|ed)?|order(ing|ed) by)\b/, label: 'sorting by column' },
  { pattern: /\b(pagination|paging|paginated|pages of)\b/, label: 'pages of 20 records' },
  { pattern: /\b(validation|validated|validate)\b/, label: 'validation in the API and in the forms' },
  { pattern: /\b(tests?|tested|unit tests?|pytest|vitest)\b/, label: 'tests of back end and front end' },
  { pattern: /\b(rest|rest api|json api|api|openapi|swagger)\b/, label: 'a REST API with its OpenAPI description' },
  {
    pattern: /\b(docker|compose|docker compose|container(s|ised|ized)?|dockerfiles?)\b/,
    label: 'Dockerfiles and a compose file',
  },
  {
    pattern: /\b(sqlite|sql|relational database|database)\b/,
    label: 'a relational database (SQLite by default, DATABASE_URL for another)',
  },
  { pattern: /\b(ci|continuous integration|github actions)\b/, label: 'a CI workflow' },
];

/** A feature that some blueprints build; where the chosen one does not, its label is shown in `leftOut`. */
export interface OptionalFeature extends Feature {
  readonly id: FeatureId;
  /** Phrases that are looked for before entities are, because they hold words that also name some: `background jobs`. */
  readonly phrase?: RegExp;
}

export const OPTIONAL_FEATURES: readonly OptionalFeature[] = [
  {
    id: 'auth',
    pattern:
      /\b(auth(entication|orization)?|log[ -]?in|logins?|sign[ -]?(up|in)|jwt|oauth2?|passwords?|user accounts?|accounts? system)\b/,
    label: 'sign-in and user accounts',
  },
  { id: 'roles', pattern: /\b(roles?|permissions?|access control)\b/, label: 'roles and permissions' },
  {
    id: 'upload',
    pattern: /\b(uploads?|file uploads?|images?|photos?|pictures?|attachments?)\b/,
    label: 'file upload',
  },
  { id: 'csv', pattern: /\b(csv|excel|import|export)\b/, label: 'import and export of files (CSV)' },
  {
    id: 'soft_delete',
    pattern: /\b(soft delet(e|es|ed|ion)|trash|recycle bin|restore deleted)\b/,
    label: 'soft delete',
  },
  { id: 'audit', pattern: /\b(audit (log|trail|fields?)|history)\b/, label: 'an audit trail' },
  { id: 'rate_limit', pattern: /\b(rate limit(s|ing|ed)?|throttl(e|ing))\b/, label: 'rate limits' },
  {
    id: 'jobs',
    pattern: /\b(background (jobs?|tasks?)|cron|schedul(ed|ing) jobs?|queues?|celery)\b/,
    phrase: /\b(background (jobs?|tasks?|work)|schedul(ed|ing) (jobs?|tasks?)|(job|task) queues?)\b/,
    label: 'background jobs',
  },
  {
    id: 'seed',
    pattern: /\b(seed(s|ed|ing)?( data)?|fixtures)\b/,
    phrase: /\b(seed|sample|demo|example) (data|records?|entries)\b/,
    label: 'seed data',
  },
  {
    id: 'postgres',
    pattern: /\b(postgres(ql)?)\b/,
    label: 'a driver and service for PostgreSQL',
  },
];

/** The features that a text names by phrases, and the text without those. */
export function takePhrases(text: string): { found: OptionalFeature[]; rest: string } {
  const phrases = OPTIONAL_FEATURES.flatMap(({ id, label, phrase }) =>
    phrase === undefined ? [] : [{ id, label, pattern: phrase }],
  );
  const { found, rest } = takeFeatures(text, phrases);
  return { found, rest };
}

/** Known, and not built: shown in `leftOut`. */
export const UNSERVED_FEATURES: readonly Feature[] = [
  {
    pattern: /\b(e ?mails?|newsletters?|sms|push notifications?|notifications?|reminders?|alerts?)\b/,
    label: 'e-mail and notifications',
  },
  { pattern: /\b(payments?|stripe|paypal|checkout|credit cards?|billing)\b/, label: 'payments' },
  { pattern: /\b(real ?time|live updates?|websockets?|chat)\b/, label: 'live updates' },
  { pattern: /\b(pdf)\b/, label: 'PDF files' },
  { pattern: /\b(dark mode|themes?|theming)\b/, label: 'themes' },
  { pattern: /\b(i18n|internationali[sz]ation|translations?|multi ?lingual|languages?)\b/, label: 'several languages' },
  {
    pattern: /\b(dashboards?|charts?|graphs?|statistics|analytics|reports?|reporting)\b/,
    label: 'dashboards and reports',
  },
  { pattern: /\b(drag and drop|drag)\b/, label: 'drag and drop' },
  {
    pattern: /\b(mysql|mariadb)\b/,
    label: 'a driver and service for MySQL',
  },
  { pattern: /\b(maps?|geolocation|gps)\b/, label: 'maps' },
  { pattern: /\b(calendar view|calendars?)\b/, label: 'a calendar view' },
  { pattern: /\b(ai|llm|chatgpt|gpt|recommendations?)\b/, label: 'AI features' },
];

/** What makes a request a different kind of project altogether: refused as a whole. */
export const OTHER_KINDS: readonly Feature[] = [
  {
    pattern:
      /\b(rust|golang|kotlin|scala|haskell|elixir|erlang|cobol|fortran|perl|clojure|zig|solidity|assembly|c\+\+|c#|\.net|asp\.net)(?![\w+#])/,
    label: 'that programming language',
  },
  {
    pattern: /\b(in|with|using|and) (go|java|ruby|php|swift|c|javascript only)\b/,
    label: 'that programming language',
  },
  {
    pattern:
      /\b(django|spring boot|rails|ruby on rails|laravel|symfony|nest(\.?js)|next(\.?js)|nuxt|vue(\.?js)?|angular|svelte(kit)?|solid\.?js|htmx|streamlit|react native|flutter|swiftui|electron|tauri|wordpress)\b/,
    label: 'that framework',
  },
  {
    pattern: /\b(mongo ?db|dynamo ?db|firebase|supabase|cassandra|neo4j|graphql|grpc)\b/,
    label: 'that storage or protocol',
  },
  {
    pattern: /\b(ios|iphone|ipad|android|mobile) (app|application|game)\b|\b(mobile|native) apps?\b/,
    label: 'mobile apps',
  },
  {
    pattern:
      /\b(game engine|physics engine|video ?game|(3d|2d|multiplayer|mobile|browser|arcade|card|chess) game|shooter|platformer|tetris|snake game)\b/,
    label: 'games',
  },
  {
    pattern:
      /\b(build|make|create|write|develop) (me )?an? (\w+ ){0,2}game\b(?! (collection|catalog(ue)?|library|tracker|list|shop|store))/,
    label: 'games',
  },
  {
    pattern:
      /\b(compiler|interpreter|operating system|kernel|device driver|firmware|embedded system|database engine|web browser|search engine)\b/,
    label: 'system software',
  },
  {
    pattern:
      /\b(desktop (app|application)|shell script|browser extension|chrome extension|vs ?code extension|plugin|(discord|telegram|slack|trading) bot|web ?scraper|crawler)\b/,
    label: 'that kind of program',
  },
  {
    pattern: /\b((python|javascript) (library|package|module)|(typescript|python|javascript|npm) sdk)\b/,
    label: 'libraries',
  },
  {
    pattern: /\b(machine learning|neural network|deep learning|blockchain|smart contract|cryptocurrency|nft)\b/,
    label: 'that field',
  },
];

/** The labels of the features that a text names, and the text without those words. */
export function takeFeatures<F extends Feature>(
  text: string,
  features: readonly F[],
): { found: F[]; labels: string[]; rest: string } {
  const found: F[] = [];
  let rest = text;
  for (const feature of features) {
    const { pattern } = feature;
    const everywhere = new RegExp(pattern.source, 'g');
    if (!everywhere.test(rest)) continue;
    found.push(feature);
    rest = rest.replace(everywhere, ' ');
  }
  return { found, labels: [...new Set(found.map((feature) => feature.label))], rest };
}
