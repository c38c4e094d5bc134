import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the installation: where package.json is, above this file, compiled or not. */
export function installation(): { root: string; version: string } {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const file = join(folder, 'package.json')
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }
      if (name === 'holdfast') return { root: folder, version }
    }
    const parent = dirname(folder)
    if (parent === folder) throw new Error('package.json of holdfast was not found above the server')
    folder = parent
  }
}
