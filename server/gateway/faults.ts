/** Faults made on purpose: begun with a reason and an end, ended early by hand or by the clock. */
import { randomUUID } from 'node:crypto'
import { NotFoundError, ValidationError } from '../../core/errors.ts'
import { FAULTS_MAX, type Fault, type FaultTarget, faultKey } from '../../core/gateway/fault.ts'
import type { Tx } from '../../db/store.ts'

export interface NewFault {
  target: FaultTarget
  share: number
  delayMs: number
  abortStatus: number | null
  reason: string
  forMs: number
}

/** @throws ValidationError, NotFoundError */
export async function inject(tx: Tx, { forMs, ...asked }: NewFault): Promise<Fault> {
  if (asked.delayMs === 0 && asked.abortStatus === null) {
    throw new ValidationError('A fault needs a delay, a status to answer with, or both.')
  }
  if ('route' in asked.target && !(await tx.q.gateway.route(asked.target.route))) {
    throw new NotFoundError(`There is no route "${asked.target.route}".`)
  }
  if ((await tx.q.gateway.faults()).length >= FAULTS_MAX) {
    throw new ValidationError(`There are ${FAULTS_MAX} faults already. End one first.`)
  }
  const id = `fault_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const fault: Fault = { id, ...asked, by: tx.origin.actor, startedAt: tx.now, expiresAt: tx.now + forMs }
  await tx.q.gateway.addFault(fault)
  const event = await tx.emit({
    kind: 'fault.started',
    key: faultKey(id),
    service: 'callee' in fault.target ? fault.target.callee : null,
    summary: `Fault on ${where(fault.target)} for ${Math.round(forMs / 1000)} s, ${what(fault)}: ${fault.reason}`,
    value: fault,
  })
  await tx.audit({
    action: 'gateway.faults.start',
    target: faultKey(id),
    reason: fault.reason,
    before: null,
    after: fault,
    seq: event.seq,
  })
  return fault
}

/** `reason` null: its time is over. @throws NotFoundError */
export async function endFault(tx: Tx, id: string, reason: string | null): Promise<Fault> {
  const fault = await tx.q.gateway.fault(id)
  if (!fault || !(await tx.q.gateway.removeFault(id))) throw new NotFoundError('This fault has ended already.')
  const event = await tx.emit({
    kind: 'fault.ended',
    key: faultKey(id),
    service: 'callee' in fault.target ? fault.target.callee : null,
    summary: `Fault on ${where(fault.target)} ended: ${reason ?? 'its time is over'}`,
    value: null,
  })
  if (reason !== null) {
    await tx.audit({
      action: 'gateway.faults.end',
      target: faultKey(id),
      reason,
      before: fault,
      after: null,
      seq: event.seq,
    })
  }
  return fault
}

export function where(target: FaultTarget): string {
  return 'route' in target ? `route ${target.route}` : `calls of ${target.caller} to ${target.callee}`
}

function what({ delayMs, abortStatus, share }: Fault): string {
  const does = [delayMs > 0 ? `${delayMs} ms later` : null, abortStatus === null ? null : `answered ${abortStatus}`]
  return `${does.filter(Boolean).join(', ')}, ${Math.round(share * 100)}% of requests`
}
