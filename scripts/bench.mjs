// npm run bench -- NAME [--json]: one benchmark, with its peers when they are installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureNative } from './native.mjs'
import { root } from './sources.mjs'

const [name, ...args] = process.argv.slice(2)
const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
if (!name || !names.includes(name)) {
  console.error(`Usage: npm run bench -- NAME [--json], where NAME is one of: ${names.join(', ')}`)
  process.exit(2)
}
ensureNative()
if (!existsSync(join(root, 'dist', 'server', 'main.js'))) {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] })
  if (built.status !== 0) process.exit(1)
}
const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs')
const run = spawnSync(process.execPath, [tsx, join(root, 'bench', `${name}.bench.ts`), ...args], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
