// Compiles better-sqlite3 when its addon is missing or was built for another Node.
// npm runs no install scripts here (.npmrc), so that installing fetches nothing beyond the npm registry;
// the headers come from the Node that is running, when it ships them.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function loads() {
  const probe = "const D = require('better-sqlite3'); new D(':memory:').close()"
  return spawnSync(process.execPath, ['-e', probe], { cwd: root, stdio: 'ignore' }).status === 0
}

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0
}

function installCompiler() {
  const missing = ['python3', 'make', 'g++'].filter((command) => !has(command))
  if (missing.length === 0) return
  const isRoot = process.getuid?.() === 0
  if (!isRoot || !has('apt-get')) {
    throw new Error(
      `Compiling SQLite's addon needs ${missing.join(', ')}. Install them (Debian: sudo apt-get install python3 make g++) and run the command again.`,
    )
  }
  console.log(`holdfast: installing ${missing.join(', ')} with apt-get`)
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { stdio: 'inherit' })
}

export function ensureNative() {
  if (!existsSync(join(root, 'node_modules', 'better-sqlite3'))) {
    throw new Error('Dependencies are missing. Run `npm ci` first.')
  }
  if (loads()) return
  installCompiler()
  console.log('holdfast: compiling better-sqlite3 (once, about a minute)')
  const prefix = dirname(dirname(realpathSync(process.execPath)))
  const env = { ...process.env, npm_config_ignore_scripts: 'false', npm_config_build_from_source: 'true' }
  if (existsSync(join(prefix, 'include', 'node', 'node_version.h'))) env.npm_config_nodedir = prefix
  const built = spawnSync('npm', ['rebuild', 'better-sqlite3', '--foreground-scripts'], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  if (built.status !== 0 || !loads()) {
    throw new Error(`better-sqlite3 did not compile:\n${(built.stdout + built.stderr).slice(-4000)}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureNative()
