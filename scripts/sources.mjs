// What a build is made from, as one fingerprint, so that it runs only when something changed.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const FOLDERS = ['app', 'components', 'core', 'db', 'demo', 'gateway', 'sdk', 'server', 'scripts']
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'next.config.ts', 'postcss.config.mjs']

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else if (!/\.(test|spec)\.tsx?$/.test(entry.name)) yield path
  }
}

export function fingerprint() {
  const hash = createHash('sha256').update(process.version)
  for (const folder of FOLDERS) {
    for (const path of [...files(join(root, folder))].sort())
      hash.update(path.slice(root.length)).update(readFileSync(path))
  }
  for (const file of FILES) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}
