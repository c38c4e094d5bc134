// Finds a Chromium for the end-to-end tests, or installs Debian's.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

function find() {
  const asked = process.env.HOLDFAST_CHROMIUM
  if (asked) {
    if (!existsSync(asked)) throw new Error(`HOLDFAST_CHROMIUM names ${asked}, which does not exist.`)
    return asked
  }
  for (const name of NAMES) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
    if (found.status === 0) return found.stdout.trim()
  }
  return null
}

export function ensureChromium() {
  const found = find()
  if (found) return found
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The end-to-end tests need a Chromium. Install it (Debian: sudo apt-get install chromium) or name one in HOLDFAST_CHROMIUM.',
    )
  }
  console.log('holdfast: installing chromium with apt-get (once)')
  execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'] })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const installed = find()
  if (!installed) throw new Error('chromium was installed but not found')
  return installed
}
