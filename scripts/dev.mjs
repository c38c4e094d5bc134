// npm run dev: the same product with hot reload of pages, and a restart when server code changes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureNative } from './native.mjs'
import { root } from './sources.mjs'

ensureNative()
const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs')
const watched = ['server', 'core', 'db', 'sdk', 'gateway'].flatMap((folder) => ['--include', `${folder}/**/*.ts`])
const child = spawn(
  process.execPath,
  [tsx, 'watch', ...watched, '--exclude', '.next/**', 'server/main.ts', '--dev', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1' } },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 0))
