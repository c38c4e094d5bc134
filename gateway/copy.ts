/** The last good configuration and instances, on disk: a worker that starts while the control plane is away routes by it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { GatewayConfig } from '../core/gateway/view.ts'
import type { Instance } from '../core/instance.ts'

export interface LastGood {
  format: 1
  /** wall clock of when it was written */
  at: number
  config: GatewayConfig
  services: Record<string, Instance[]>
}

/** null: there is none that can be read. */
export function readCopy(path: string | null): LastGood | null {
  if (path === null) return null
  try {
    const copy = JSON.parse(readFileSync(path, 'utf8')) as LastGood
    return copy.format === 1 ? copy : null
  } catch {
    return null
  }
}

/** Whole or not at all: a reader never sees half of it. It holds hashes of keys, so only its owner may read it. */
export function writeCopy(path: string, copy: LastGood): void {
  const beside = `${path}.${process.pid}.tmp`
  writeFileSync(beside, JSON.stringify(copy), { mode: 0o600 })
  renameSync(beside, path)
}
