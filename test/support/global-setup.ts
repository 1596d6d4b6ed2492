import type { TestProject } from 'vitest/node';
import { closeTestServices, openTestServices } from './services.ts';

declare module 'vitest' {
  // What a test gets with inject().
  export interface ProvidedContext {
    /** A server with the right to make databases; tests take theirs from createTestDatabase(). */
    databaseUrl: string;
    redisUrl: string;
    chromaUrl: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  const services = await openTestServices();
  project.provide('databaseUrl', services.databaseUrl);
  project.provide('redisUrl', services.redisUrl);
  project.provide('chromaUrl', services.chromaUrl);
}

export async function teardown(): Promise<void> {
  await closeTestServices();
}
