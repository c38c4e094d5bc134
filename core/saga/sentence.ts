/** Events in words. */
import type { BreakpointAt } from './definition.ts'
import type { By, HistoryEvent, Phase } from './event.ts'
import type { HistoryEntry } from './view.ts'

export function entryOf(event: HistoryEvent): HistoryEntry {
  return { ...event, summary: sentence(event), operator: byOf(event) !== null }
}

export function byOf(event: HistoryEvent): By | null {
  return 'by' in event && event.by ? event.by : null
}

export function sentence(event: HistoryEvent): string {
  const by = byOf(event)
  return by ? `${plain(event)}, by ${by.actor}: ${by.reason}` : plain(event)
}

function lane(event: { step: string; phase: Phase }): string {
  return event.phase === 'do' ? event.step : `${event.phase} of ${event.step}`
}

/** Where a breakpoint stops. */
export function place({ step, at }: { step: string; at: BreakpointAt }): string {
  const name = step === '*' ? 'every step' : step
  if (at === 'error') return `on an error of ${name}`
  return at === 'undo' ? `before the undo of ${name}` : `${at} ${name}`
}

function noWords(final: boolean | undefined): string {
  if (final === undefined) return 'has not happened'
  return final ? 'has not happened and never will under this key' : 'has not happened so far'
}

function plain(event: HistoryEvent): string {
  switch (event.type) {
    case 'run.started':
      return event.redriveOf
        ? `Forked from ${event.redriveOf.runId} at ${event.redriveOf.step}, keys ${event.redriveOf.keys}`
        : `Started ${event.definition} version ${event.version}`
    case 'run.admitted':
      return 'Admitted'
    case 'run.paused':
      return event.breakpoint ? `Stopped ${place(event.breakpoint)}` : 'Paused'
    case 'run.resumed':
      return 'Continued'
    case 'run.allowed':
      return `Stepped over ${lane(event)}`
    case 'breakpoint.set':
      return `Breakpoint ${place(event.breakpoint)} set${event.breakpoint.once ? ', once' : ''}`
    case 'breakpoint.cleared':
      return `Breakpoint ${place(event.breakpoint)} cleared`
    case 'step.ready':
      return `${lane(event)} is ready`
    case 'step.leased':
      return `${lane(event)} taken by ${event.worker}, attempt ${event.attempt}`
    case 'step.waiting':
      if (event.for.type === 'timer') return `${lane(event)} waits until ${new Date(event.for.dueAt).toISOString()}`
      return event.for.type === 'signal'
        ? `${lane(event)} waits for the signal ${event.for.signal}`
        : `${lane(event)} waits for its child ${event.for.runId}`
    case 'step.succeeded':
      if (event.phase === 'probe')
        return `${event.step} ${event.happened ? 'has happened' : noWords(event.final)}, its participant says`
      return event.phase === 'undo' ? `${event.step} undone` : `${event.step} succeeded`
    case 'step.attempt-failed': {
      const what = event.outcome === 'unknown' ? 'ended without an answer' : 'failed'
      const then = event.retryAt === null ? 'no further attempt' : 'to be tried again'
      return `${lane(event)} ${what} (${event.error.code}: ${event.error.message}), ${then}`
    }
    case 'step.retry-due':
      return `${lane(event)} is tried again`
    case 'step.skipped':
      return `${event.step} skipped`
    case 'step.retried':
      return `${lane(event)} retried${event.newKey ? ' under a new key' : ''}`
    case 'step.input-edited':
      return `Input of ${lane(event)} edited`
    case 'step.resolved':
      return `${event.step} resolved: it has ${event.happened ? '' : 'not '}happened`
    case 'undo.begun':
      if (event.cause.type === 'step') return `Undo begun: ${event.cause.step} failed`
      if (event.cause.type === 'deadline') return 'Undo begun: the deadline has passed'
      return event.cause.type === 'cancel' ? 'Undo begun: cancelled' : 'Undo begun: asked for'
    case 'undo.forced':
      return `Undo of ${event.step} taken as done`
    case 'undo.waived':
      return `Undo of ${event.step} waived`
    case 'signal.received':
      return `Signal ${event.signal} received`
    case 'run.deadline-passed':
      return 'The deadline has passed'
    case 'run.cancel-requested':
      return 'Cancel asked for'
    case 'run.compensate-requested':
      return 'Undo asked for'
    case 'run.ended':
      return `Ended: ${event.status}`
  }
}
