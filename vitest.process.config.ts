import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = dirname(fileURLToPath(import.meta.url))

/** Tests that start the built product as processes: one file after another, on a machine that may be small. */
export default defineConfig({
  resolve: {
    alias: {
      '@holdfast/sdk/testing': `${root}/sdk/testing/index.ts`,
      '@holdfast/sdk': `${root}/sdk/index.ts`,
      '@': root,
    },
  },
  test: {
    include: ['{server,sdk,gateway,db,demo,e2e}/**/*.process.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    environment: 'node',
    testTimeout: 400_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
