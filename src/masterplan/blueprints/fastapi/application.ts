/** The health route, the packages that the service runs on, and everyday commands. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { featurePackages, has } from '../python-web/feature-parts.ts';

export function healthRouterFile(): string {
  return fileText(`
"""Whether the service and its database are there."""

from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.dependencies import get_session

router = APIRouter(tags=["health"])

@router.get("/health")
def health(session: Session = Depends(get_session)) -> dict[str, str]:
    """Answers once the database has answered."""
    session.execute(text("SELECT 1"))
    return {"status": "ok"}
`);
}

export function requirementsFile(project: ProjectModel): string {
  const packages = [
    'fastapi>=0.92',
    'sqlalchemy>=1.4.46',
    'uvicorn>=0.17',
    ...(has(project, 'upload') ? ['python-multipart>=0.0.5'] : []),
    ...featurePackages(project),
  ];
  return `${packages.sort().join('\n')}\n`;
}

export function devRequirementsFile(): string {
  return fileText(`
-r requirements.txt
httpx>=0.23
pytest>=7.2
ruff>=0.9
`);
}
