/** Files around both parts: how to run, ship and check the project. */
import { fileText } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { stackLabel } from '../registry.ts';
import { labelOf } from '../naming.ts';
import type { GeneratedFile } from '../generated-file.ts';
import { has } from '../python-web/feature-parts.ts';
import { composeEnvironment, largestBody } from './environment.ts';
import { backendOf } from './backends.ts';
import { composeDatabase, composeDependency, workflowDatabase, workflowDatabaseStep } from './postgres.ts';
import { featureNotes } from './feature-notes.ts';

function entityRow(entity: EntityModel): string {
  const fields = entity.fields.map((field) => `\`${field.name}\``);
  const relations = [...entity.relations, ...entity.many].map((relation) => `\`${relation.name}\``);
  return `- **${labelOf(entity.names.human)}** (\`/api/${entity.names.kebabPlural}\`): ${[...fields, ...relations].join(', ')}`;
}

/** How to run, test and find what belongs to the front end; empty where there is none. */
function frontendPart(project: ProjectModel) {
  const documentation = `<http://localhost:8000${backendOf(project).description}>`;
  if (project.stack.frontend === null)
    return {
      address: `The API is then at <http://localhost:8000> and its documentation at\n${documentation}.`,
      develop: '',
      afterwards: '',
      test: '',
      places: '',
    };
  return {
    address: 'The front end is then at <http://localhost:8080>. For development, in two terminals:',
    develop: '\ncd frontend && npm install && npm run dev',
    afterwards: `\nThe front end is then at <http://localhost:5173>, the API at <http://localhost:8000> and its documentation at\n${documentation}.\n`,
    test: '\ncd frontend && npm run lint && npm run typecheck && npm test && npm run build',
    places: '\n- \`frontend/src/api\`: typed calls; \`hooks\`, \`components\`, \`forms\` and \`pages\` build on them.',
  };
}

function readmeFile(project: ProjectModel): string {
  const front = frontendPart(project);
  const { readme } = backendOf(project);
  return fileText(`
# ${project.title}

Made with ${stackLabel(project.stack)}.

## Run it

With Docker:

\`\`\`sh
docker compose up --build
\`\`\`

${front.address}

\`\`\`sh
cd backend && ${readme.run}${front.develop}
\`\`\`
${front.afterwards}
## Test it

\`\`\`sh
cd backend && ${readme.test}${front.test}
\`\`\`

## What it holds

${project.entities.map(entityRow).join('\n')}

Every collection can be listed in pages (\`limit\`, \`offset\`), sorted (\`sort=name\`, \`sort=-created_at\`), searched (\`search\`)
where it has texts, and filtered by its choices, yes-or-no fields and relations. \`POST\` creates, \`PATCH\` changes what
it names, \`DELETE\` removes. Errors have the form
\`{"detail": "...", "errors": [{"field": "...", "message": "..."}]}\`.
${featureNotes(project)}
## Where things are

${readme.places}${front.places}

${readme.tables}
`);
}

function gitignoreFile(project: ProjectModel): string {
  return fileText(`
__pycache__/
.pytest_cache/
.ruff_cache/
.venv/
*.db
.env
${has(project, 'upload') ? 'uploads/\n' : ''}node_modules/
dist/
`);
}

function composeFile(project: ProjectModel): string {
  const { compose } = backendOf(project);
  const alone = project.stack.frontend === null;
  const ports = alone ? "\n    ports:\n      - '8000:8000'" : '';
  const frontend = `
  frontend:
    build: frontend
    ports:
      - '8080:80'
    depends_on:
      backend:
        condition: service_healthy
`;
  return fileText(`
services:
  backend:
    build: backend${ports}
    environment:
      ${composeEnvironment(project).join('\n      ')}
    volumes:
      - data:/data
    healthcheck:
      test: ${compose.healthcheck}
      interval: 10s
      timeout: 3s
      retries: 5${composeDependency(project)}
${composeDatabase(project)}${alone ? '' : frontend}
volumes:
  data:${has(project, 'postgres') ? '\n  database:' : ''}
`);
}

function frontendDockerfile(): string {
  return fileText(`
FROM node:22-slim AS build

WORKDIR /srv
COPY package.json .
RUN npm install
COPY . .
RUN npm run build

FROM nginx:1.27-alpine

COPY nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=build /srv/dist /usr/share/nginx/html
`);
}

function nginxFile(project: ProjectModel): string {
  return fileText(`
server {
    listen 80;
    root /usr/share/nginx/html;
    client_max_body_size ${largestBody(project)}m;

    location /api/ {
        proxy_pass http://backend:8000;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
    }

    location / {
        try_files $uri /index.html;
    }
}
`);
}

function dockerIgnoreFile(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function workflowFile(project: ProjectModel): string {
  const frontend = `
  frontend:
    runs-on: ubuntu-latest
    defaults:
      run:
        working-directory: frontend
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install
      - run: npm run format:check
      - run: npm run lint
      - run: npm run typecheck
      - run: npm test
      - run: npm run build
`;
  return fileText(`
name: ci

on:
  push:
  pull_request:

jobs:
  backend:
    runs-on: ubuntu-latest${workflowDatabase(project)}
    defaults:
      run:
        working-directory: backend
    steps:
      - uses: actions/checkout@v4${backendOf(project).ciSteps}${workflowDatabaseStep(project)}
${project.stack.frontend === null ? '' : frontend}`);
}

export function rootFiles(project: ProjectModel): GeneratedFile[] {
  const add = (path: string, content: string, purpose: string, taskType = 'config'): GeneratedFile => ({
    path,
    content,
    purpose,
    milestone: 'delivery',
    taskType,
  });
  const frontend = [
    add('frontend/Dockerfile', frontendDockerfile(), 'Image of the front end'),
    add(
      'frontend/.dockerignore',
      dockerIgnoreFile(['node_modules', 'dist']),
      'Files that stay out of the front-end image',
    ),
    add('frontend/nginx.conf', nginxFile(project), 'Web server of the front end'),
  ];
  const hasFrontend = project.stack.frontend !== null;
  const backend = backendOf(project);
  return [
    { ...add('.gitignore', gitignoreFile(project), 'Files that git leaves alone'), milestone: 'skeleton' },
    add('backend/Dockerfile', backend.dockerfile, 'Image of the back end'),
    add('backend/.dockerignore', dockerIgnoreFile(backend.dockerIgnore), 'Files that stay out of the back-end image'),
    ...(hasFrontend ? frontend : []),
    add('compose.yaml', composeFile(project), hasFrontend ? 'Both parts together' : 'The service with its data'),
    add('.github/workflows/ci.yaml', workflowFile(project), 'Checks of every change'),
    add('README.md', readmeFile(project), 'How to run, test and extend the project', 'docs'),
  ];
}
