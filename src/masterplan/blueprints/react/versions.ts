/**
 * Versions of the generated front end's packages. They are those of this service's own package.json (a test compares them), so
 * that a generated project can be built and tested offline with the packages that are already there.
 */
export const FRONTEND_VERSIONS = {
  dependencies: { react: '19.3.1', 'react-dom': '19.3.1' },
  devDependencies: {
    '@testing-library/dom': '10.4.1',
    '@testing-library/react': '16.3.3',
    '@testing-library/user-event': '14.6.1',
    '@types/react': '^19.0.0',
    '@types/react-dom': '^19.0.0',
    '@vitejs/plugin-react': '6.0.0',
    eslint: '10.15.0',
    'happy-dom': '20.0.11',
    prettier: '3.10.1',
    typescript: '5.9.3',
    'typescript-eslint': '8.73.0',
    vite: '8.3.8',
    vitest: '4.1.12',
  },
} as const;
