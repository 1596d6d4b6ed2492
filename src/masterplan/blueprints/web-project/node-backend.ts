/** What the files around a project say of a back end on Node. */
import { fastifyFiles } from '../fastify/index.ts';
import { fileText } from '../layout.ts';
import type { Backend } from './backend.ts';

const DOCKERFILE = fileText(`
FROM node:22-slim AS build

WORKDIR /srv
COPY package.json .
RUN npm install
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-slim

WORKDIR /srv
COPY --from=build /srv/package.json .
COPY --from=build /srv/node_modules node_modules
COPY --from=build /srv/drizzle drizzle
COPY --from=build /srv/dist dist

RUN mkdir /data && chown node /data
USER node

ENV HOST=0.0.0.0
EXPOSE 8000
CMD ["node", "dist/main.js"]
`);

const HEALTHCHECK = `['CMD', 'node', '-e', "fetch('http://localhost:8000/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]`;

export const FASTIFY: Backend = {
  files: fastifyFiles,
  techStack: 'Fastify, TypeBox, Drizzle, vitest',
  toolchain: 'node',
  description: '/openapi.json',
  readme: {
    run: 'npm install && npm run dev',
    test: 'npm run typecheck && npm test',
    places: `- \`backend/src/db/tables\`, \`schemas\`, \`repositories\`, \`services\`, \`routes\`: one module per entity and layer. Fields have
  the same snake-case names in tables, schemas and JSON.
- \`backend/src/settings.ts\`: the environment variables, with an example in \`backend/.env.example\`.
- \`backend/drizzle\`: the statements that make the tables.`,
    tables:
      'Migrations in `backend/drizzle` run at start. A change to the columns of a table needs a file there and its entry in\n`meta/_journal.json`.',
  },
  compose: {
    databaseUrl: (slug) => `file:/data/${slug}.db`,
    proxied: ["TRUST_PROXY: 'true'"],
    healthcheck: HEALTHCHECK,
  },
  dockerfile: DOCKERFILE,
  dockerIgnore: ['node_modules', 'dist', '*.db', '.env', 'test'],
  ciSteps: `
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install
      - run: npm run typecheck
      - run: npm test
      - run: npm run build`,
};
