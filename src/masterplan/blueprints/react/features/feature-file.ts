/** What the features of the front end have in common. */
import type { GeneratedFile } from '../../generated-file.ts';
import type { FeatureId, ProjectModel } from '../../model.ts';

/** A file of a feature, in the folder of the front end. */
export function featureFile(path: string, content: string, purpose: string): GeneratedFile {
  const taskType = /\.test\.tsx?$|^src\/test\//.test(path) ? 'test' : 'code';
  return { path: `frontend/${path}`, content, purpose, milestone: 'frontend-features', taskType };
}

/** Whether the front end has what a feature brings. */
export function has(project: ProjectModel, feature: FeatureId): boolean {
  return project.features.includes(feature);
}

/** Whether files are loaded from and sent to the server. */
export function movesFiles(project: ProjectModel): boolean {
  return has(project, 'csv') || has(project, 'upload');
}

/** `text` where the project has the feature, else nothing. */
export function where(project: ProjectModel, feature: FeatureId, text: string): string {
  return has(project, feature) ? text : '';
}
