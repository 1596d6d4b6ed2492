/** For `drizzle-kit check` and `drizzle-kit studio` only: migrations are written by hand in drizzle/ and run by `mge db upgrade`. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema/index.ts',
  out: './drizzle',
  dbCredentials: { url: process.env['DATABASE_URL'] ?? 'postgres://devmatrix@127.0.0.1:5432/devmatrix' },
});
