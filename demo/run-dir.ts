import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const RUN = /^run-(\d+)$/

/** A fresh folder for the files of one run of the demo; what runs that are no more have left behind is removed. */
export function makeRunDir(base: string, pid: number): string {
  mkdirSync(base, { recursive: true })
  for (const name of readdirSync(base)) {
    const owner = RUN.exec(name)?.[1]
    if (owner !== undefined && (Number(owner) === pid || !isAlive(Number(owner)))) {
      rmSync(join(base, name), { recursive: true, force: true })
    }
  }
  const dir = join(base, `run-${pid}`)
  mkdirSync(dir, { recursive: true })
  return dir
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
