// npm run check: types, lint and unit tests.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureNative } from './native.mjs'
import { root } from './sources.mjs'

ensureNative()
const bin = (name) => join(root, 'node_modules', '.bin', name)
const steps = [
  ['types', bin('tsc'), ['--noEmit', '-p', '.']],
  ['lint', bin('biome'), ['check', '.']],
  ['unit tests', bin('vitest'), ['run', '--silent']],
]
for (const [name, command, args] of steps) {
  console.log(`\nholdfast: ${name}`)
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}
