/** What the README of a project says of its features. */
import type { FeatureId, ProjectModel } from '../model.ts';
import { backendOf } from './backends.ts';

const NOTES: Readonly<Record<FeatureId, string>> = {
  auth: '**Sign-in**: `POST /api/auth/register` and `POST /api/auth/login`; everything else under `/api` needs the token. `SECRET_KEY` signs it:\n  set one, or a restart signs everybody out.',
  roles:
    '**Roles**: the first account is an admin. Members do everything but delete; admins also change roles at `/api/accounts`.',
  upload:
    '**Attachments**: `/api/<collection>/<id>/attachments`, up to `UPLOAD_MAX_MB` each, kept in `UPLOAD_DIR`. Where it is raised, the web\n  server before the service has a limit of its own.',
  csv: '**CSV**: `GET /api/<collection>/export` takes the filters of the list; `POST /api/<collection>/import` stores all lines or none.',
  soft_delete:
    '**Trash**: deleted records stay. `?deleted=true` lists them, `POST /api/<collection>/<id>/restore` takes one back.',
  audit:
    '**History**: `GET /api/audit` has every change with its values before and after; records say who made and changed them.',
  rate_limit:
    '**Rate limit**: `RATE_LIMIT_PER_MINUTE` requests of one client address; more are answered with 429 and `Retry-After`.',
  jobs: '**Background jobs**: `POST /api/jobs` starts one, `GET /api/jobs/<id>` tells how far it is. They are kept in the database.\n  `JOB_WORKER=off` leaves them to another process.',
  seed: '**Sample records**: `COMMAND` in `backend` fills empty tables; repeating it changes nothing.',
  postgres: '**PostgreSQL**: the database of the compose file and of CI; `DATABASE_URL` names it. Tests run on SQLite.',
};

/** A section on the features of a project; empty where it has none. */
export function featureNotes(project: ProjectModel): string {
  if (project.features.length === 0) return '';
  const seed = backendOf(project).toolchain === 'python' ? 'make seed' : 'npm run seed';
  const lines = project.features.map((id) => `- ${NOTES[id].replace('COMMAND', seed)}`);
  return `\n## What else it does\n\n${lines.join('\n')}\n`;
}
