import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = dirname(fileURLToPath(import.meta.url))

export default defineConfig({
  resolve: {
    alias: {
      '@holdfast/sdk/testing': `${root}/sdk/testing/index.ts`,
      '@holdfast/sdk': `${root}/sdk/index.ts`,
      '@': root,
    },
  },
  test: {
    include: ['{core,db,server,sdk,gateway,demo,components,app,scripts,bench}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.process.test.ts'],
    environment: 'node',
    testTimeout: 20_000,
  },
})
