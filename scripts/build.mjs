// Compiles the server, the demo fleet, the SDK and the pages into dist/ and .next/.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { fingerprint, root } from './sources.mjs'

const stamp = join(root, 'dist', '.stamp')

export function isBuilt() {
  return (
    existsSync(stamp) &&
    existsSync(join(root, '.next', 'BUILD_ID')) &&
    existsSync(join(root, 'dist', 'server', 'main.js')) &&
    readFileSync(stamp, 'utf8') === fingerprint()
  )
}

async function timed(what, work) {
  const started = performance.now()
  process.stdout.write(`holdfast: building ${what} …`)
  await work()
  process.stdout.write(` ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  alias: { '@holdfast/sdk': './sdk/index.ts' },
  sourcemap: true,
  logLevel: 'warning',
}

export async function buildServer() {
  await build({ ...common, entryPoints: { main: 'server/main.ts' }, outdir: 'dist/server' })
  await build({ ...common, entryPoints: { main: 'gateway/main.ts' }, outdir: 'dist/gateway' })
  await build({
    ...common,
    entryPoints: { director: 'demo/director.ts', fleet: 'demo/fleet.ts', load: 'demo/load.ts' },
    outdir: 'dist/demo',
    splitting: true,
  })
}

function run(args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')} failed:\n${output}`))))
  })
}

async function main() {
  rmSync(stamp, { force: true })
  const print = fingerprint()
  await timed('the server', buildServer)
  await timed('the SDK', () => run([join(root, 'scripts', 'build-sdk.mjs')]))
  await timed('the pages (up to a minute)', () =>
    run([join(root, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build']),
  )
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, print)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`\nholdfast: ${error.message}`)
    process.exit(1)
  })
}
