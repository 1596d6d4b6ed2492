/** `csv` in Flask: the routes that export and import. */
import { bracketed, fileText } from '../layout.ts';
import type { EntityModel } from '../model.ts';

/** `backend/app/csv_body.py`. */
export function csvBodyFile(): string {
  return fileText(`
"""CSV in the bodies of requests and answers."""

from flask import Response, request
from pydantic import BaseModel

from app.errors import TooLargeError
from app.services.csv_import import MAX_BYTES

#: What the OpenAPI description says of CSV.
CSV = {"text/csv": {"schema": {"type": "string"}}}


class ImportResult(BaseModel):
    """What an import has done."""

    created: int


def read_csv() -> bytes:
    """The body of the request, read no further than it may be long."""
    data = request.stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLargeError(f"A file may have at most {MAX_BYTES} bytes.")
    return data


def csv_file(text: str, name: str) -> Response:
    """An answer that browsers save as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)
`);
}

/** The routes that export and import. */
export function csvRoutes({ names }: EntityModel): string {
  const query = `${names.pascal}ExportQuery`;
  const call = bracketed(
    'text = export_csv(',
    ['get_service()', `${names.pascal}Create`, 'filters_of(query)', 'query.sort'],
    ')',
    4,
  );
  return `

@blueprint.get("/export")
@endpoint(Endpoint(query=${query}, makes=CSV))
def export_${names.snakePlural}(query: ${query}) -> Response:
    """All ${names.humanPlural} that pass the filters as CSV."""
    ${call}
    return csv_file(text, "${names.kebabPlural}")


@blueprint.post("/import")
@endpoint(Endpoint(reads=CSV, answer=ImportResult))
def import_${names.snakePlural}() -> ImportResult:
    """Stores ${names.humanPlural} from CSV: all lines or none."""
    return ImportResult(created=import_csv(get_service(), ${names.pascal}Create, read_csv()))
`;
}

/** Imports of a module that has these routes. */
export const CSV_ROUTE_IMPORTS = {
  body: 'from app.csv_body import CSV, ImportResult, csv_file, read_csv',
  services: 'from app.services.csv_export import export_csv\nfrom app.services.csv_import import import_csv',
} as const;
