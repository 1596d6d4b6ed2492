/** PostgreSQL in the files around a project: a service of the compose file, and one of the CI workflow. */
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';

/** The database of the compose file, as its services name it. */
export const COMPOSE_DATABASE_URL = 'postgresql+psycopg2://app:${POSTGRES_PASSWORD:-app}@database:5432/app';

/** The database service of the compose file; empty without the feature. */
export function composeDatabase(project: ProjectModel): string {
  if (!has(project, 'postgres')) return '';
  return `
  database:
    image: postgres:17-alpine
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:-app}
      POSTGRES_DB: app
    volumes:
      - database:/var/lib/postgresql/data
    healthcheck:
      test: ['CMD', 'pg_isready', '-U', 'app']
      interval: 5s
      timeout: 3s
      retries: 10
`;
}

/** What the back end waits for in the compose file; empty without the feature. */
export function composeDependency(project: ProjectModel): string {
  if (!has(project, 'postgres')) return '';
  return `
    depends_on:
      database:
        condition: service_healthy`;
}

/** The database of the CI job; empty without the feature. */
export function workflowDatabase(project: ProjectModel): string {
  if (!has(project, 'postgres')) return '';
  return `
    services:
      database:
        image: postgres:17-alpine
        env:
          POSTGRES_USER: app
          POSTGRES_PASSWORD: app
          POSTGRES_DB: app
        ports:
          - 5432:5432
        options: --health-cmd "pg_isready -U app" --health-interval 5s --health-retries 10`;
}

/** The last step of the CI job: the service starts on the real database and makes its tables; empty without the feature. */
export function workflowDatabaseStep(project: ProjectModel): string {
  if (!has(project, 'postgres')) return '';
  return `
      - name: Start on PostgreSQL
        run: python -c "from app.main import create_app; create_app()"
        env:
          DATABASE_URL: postgresql+psycopg2://app:app@localhost:5432/app`;
}
