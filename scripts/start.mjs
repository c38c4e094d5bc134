// npm start: compiles what is missing or changed, then becomes the control plane.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureNative } from './native.mjs'
import { root } from './sources.mjs'

try {
  ensureNative()
  const { isBuilt } = await import('./build.mjs')
  if (!isBuilt()) {
    const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' })
    if (built.status !== 0) process.exit(built.status ?? 1)
  }
} catch (error) {
  console.error(`holdfast: ${error.message}`)
  process.exit(1)
}
process.env.NODE_ENV = 'production'
process.env.NEXT_TELEMETRY_DISABLED = '1'
await import('../dist/server/main.js')
