import { createHash } from 'node:crypto'
import type { SagaDefinition, SagaSpec } from '../../core/saga/definition.ts'
import { normalise } from '../../core/saga/validate.ts'
import type { Tx } from '../../db/store.ts'

/** Adds a version, unless the newest one is the same. @throws ValidationError */
export async function define(tx: Tx, spec: SagaSpec): Promise<{ name: string; version: number; created: boolean }> {
  const { sagas } = tx.q
  const head = await sagas.head(spec.name)
  const version = (head?.latest ?? 0) + 1
  const definition = normalise(spec, version)
  const hash = hashOfDefinition(definition)
  if (head) {
    const latest = await sagas.definition(spec.name, head.latest)
    if (latest?.hash === hash) return { name: spec.name, version: head.latest, created: false }
  }
  const { name } = definition
  await sagas.addDefinition({ name, version, hash, createdAt: tx.now, createdBy: tx.origin.actor, record: definition })
  await sagas.putHead({ name, latest: version, breakpoints: head?.breakpoints ?? [] })
  await tx.emit({
    kind: 'saga.defined',
    key: `saga-definition/${name}`,
    service: null,
    summary: `${name} version ${version} defined`,
    value: { name, latest: version, steps: definition.steps.map((step) => step.name) },
  })
  return { name, version, created: true }
}

function hashOfDefinition(definition: SagaDefinition): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...definition, version: 0 }))
    .digest('base64')
}
