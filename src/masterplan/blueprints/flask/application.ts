/** The health route, the packages that the service runs on, and everyday commands. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { featurePackages } from '../python-web/feature-parts.ts';

export function healthRouteFile(): string {
  return fileText(`
"""Whether the service and its database are there."""

from flask import Blueprint
from sqlalchemy import text

from app.sessions import get_session

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> dict[str, str]:
    """Answers once the database has answered."""
    get_session().execute(text("SELECT 1"))
    return {"status": "ok"}
`);
}

export function requirementsFile(project: ProjectModel): string {
  const packages = [
    'flask>=2.2',
    'gunicorn>=20.1',
    'pydantic>=1.10',
    'sqlalchemy>=1.4.46',
    ...featurePackages(project),
  ];
  return `${packages.sort().join('\n')}\n`;
}

export function devRequirementsFile(): string {
  return fileText(`
-r requirements.txt
pytest>=7.2
ruff>=0.9
`);
}
