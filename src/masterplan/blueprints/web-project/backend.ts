/** What the files around a project say of its back end. */
import type { ProjectCheck } from '../../../domain/index.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';

export interface Backend {
  readonly files: (project: ProjectModel) => GeneratedFile[];
  /** For the plan: `FastAPI, SQLAlchemy, pytest`. */
  readonly techStack: string;
  readonly toolchain: ProjectCheck['toolchain'];
  /** Where the API describes itself, below its address. */
  readonly description: string;
  readonly readme: {
    /** Commands that install and run it, and that test it, inside its folder. */
    readonly run: string;
    readonly test: string;
    /** Lines of the list of places. */
    readonly places: string;
    /** How its tables come and change. */
    readonly tables: string;
  };
  readonly compose: {
    readonly databaseUrl: (slug: string) => string;
    /** Variables, as lines of YAML, that let it believe the web server of the front end who the client is. */
    readonly proxied: readonly string[];
    /** Arguments of the check, as YAML. */
    readonly healthcheck: string;
  };
  readonly dockerfile: string;
  /** Files that stay out of its image. */
  readonly dockerIgnore: readonly string[];
  /** Steps of its job after the checkout, as YAML. */
  readonly ciSteps: string;
}
