/** Names, marks and addresses of what pages say about sagas. Pure. */
import type { SagaAction } from '@/core/saga/definition'
import type { Phase } from '@/core/saga/event'
import type { DoStatus, ProbeStatus, RunStatus, UndoStatus } from '@/core/saga/state'
import type { LaneView, RunSummary, RunView, StepView } from '@/core/saga/view'
import type { Shape, Tone } from './glyph-shapes'

export interface Mark {
  shape: Shape
  tone: Tone
  word: string
}

export const RUN_MARKS: Record<RunStatus, Mark> = {
  queued: { shape: 'dotted', tone: 'unknown', word: 'queued' },
  running: { shape: 'busy', tone: 'healthy', word: 'running' },
  waiting: { shape: 'clock', tone: 'muted', word: 'waiting' },
  paused: { shape: 'hexagon', tone: 'operator', word: 'paused' },
  succeeded: { shape: 'disc', tone: 'healthy', word: 'succeeded' },
  compensating: { shape: 'arrow', tone: 'undo', word: 'compensating' },
  compensated: { shape: 'arrow-disc', tone: 'undo', word: 'compensated' },
  stuck: { shape: 'diamond', tone: 'unhealthy', word: 'stuck' },
  'partially-compensated': { shape: 'hexagon-open', tone: 'operator', word: 'partly compensated' },
  failed: { shape: 'diamond', tone: 'unhealthy', word: 'failed' },
  cancelled: { shape: 'slash', tone: 'unknown', word: 'cancelled' },
  terminated: { shape: 'hexagon', tone: 'operator', word: 'terminated' },
}

export const DO_MARKS: Record<DoStatus, Mark> = {
  pending: { shape: 'dotted', tone: 'faint', word: 'to come' },
  ready: { shape: 'ring', tone: 'muted', word: 'ready' },
  leased: { shape: 'busy', tone: 'healthy', word: 'under way' },
  backoff: { shape: 'triangle', tone: 'warning', word: 'tried again' },
  waiting: { shape: 'clock', tone: 'muted', word: 'waiting' },
  succeeded: { shape: 'disc', tone: 'healthy', word: 'done' },
  failed: { shape: 'diamond', tone: 'unhealthy', word: 'failed' },
  unknown: { shape: 'question', tone: 'unknown', word: 'unknown' },
  skipped: { shape: 'hexagon', tone: 'operator', word: 'skipped' },
  cancelled: { shape: 'slash', tone: 'faint', word: 'not begun' },
}

export const UNDO_MARKS: Record<UndoStatus, Mark> = {
  'not-needed': { shape: 'dash', tone: 'faint', word: 'not needed' },
  owed: { shape: 'ring', tone: 'undo', word: 'owed' },
  ready: { shape: 'arrow', tone: 'undo', word: 'ready' },
  leased: { shape: 'arrow', tone: 'undo', word: 'undoing' },
  backoff: { shape: 'triangle', tone: 'warning', word: 'tried again' },
  waiting: { shape: 'clock', tone: 'undo', word: 'waiting' },
  compensated: { shape: 'arrow-disc', tone: 'undo', word: 'undone' },
  stuck: { shape: 'diamond', tone: 'unhealthy', word: 'stuck' },
  forced: { shape: 'hexagon', tone: 'operator', word: 'forced' },
  waived: { shape: 'hexagon-open', tone: 'operator', word: 'waived' },
}

export const PROBE_MARKS: Record<ProbeStatus, Mark> = {
  none: { shape: 'dash', tone: 'faint', word: 'not asked' },
  ready: { shape: 'ring', tone: 'muted', word: 'to be asked' },
  leased: { shape: 'busy', tone: 'healthy', word: 'being asked' },
  backoff: { shape: 'triangle', tone: 'warning', word: 'asked again' },
  answered: { shape: 'disc', tone: 'healthy', word: 'answered' },
  inconclusive: { shape: 'question', tone: 'unknown', word: 'no answer' },
}

const ENDED: ReadonlySet<RunStatus> = new Set([
  'succeeded',
  'compensated',
  'partially-compensated',
  'failed',
  'cancelled',
  'terminated',
])

export const isEnded = (status: RunStatus): boolean => ENDED.has(status)

/** The mark of one half of a step. An undo of a step that has none is no lane at all. */
export function markOf(step: StepView, phase: Phase): Mark {
  if (phase === 'do') return DO_MARKS[step.do.status]
  if (phase === 'probe') return PROBE_MARKS[step.probe?.status ?? 'none']
  if (!step.hasUndo) return { shape: 'none', tone: 'faint', word: step.kind === 'pivot' ? 'no way back' : 'no undo' }
  return UNDO_MARKS[step.undo.status]
}

export function laneOf(step: StepView, phase: Phase): LaneView<string> | null {
  return step[phase]
}

export const runHref = (id: string): string => `/sagas/${encodeURIComponent(id)}`
export const definitionHref = (name: string): string => `/sagas/definitions/${encodeURIComponent(name)}`

/** What carries a step out: `reserve-stock`, `POST payments /charges`. */
export function actionWords(action: SagaAction): string {
  switch (action.type) {
    case 'task':
      return action.queue === undefined || action.queue === 'default'
        ? action.task
        : `${action.task} on ${action.queue}`
    case 'http':
      return `${action.method} ${action.service} ${action.path}`
    case 'timer':
      return action.ms === undefined ? `timer until ${action.until ?? '?'}` : `timer of ${duration(action.ms)}`
    case 'signal':
      return `signal ${action.signal}`
    case 'saga':
      return `saga ${action.definition}`
  }
}

/** 90 ms, 4.2 s, 3 min, 2 h 5 min. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) {
    const seconds = Math.floor((ms % 60_000) / 1_000)
    return seconds === 0 || minutes > 9 ? `${minutes} min` : `${minutes} min ${seconds} s`
  }
  if (minutes < 1_440)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1_440)} d`
}

export function phaseWord(phase: Phase, step: string): string {
  return phase === 'do' ? step : `${phase} of ${step}`
}

/** What is under way or waited for, in a few words: of a list's row. */
export function currentWords(run: Pick<RunSummary, 'current' | 'attention' | 'status' | 'error'>): string {
  if (run.attention !== null) return run.error ? `${run.attention} (${run.error.code})` : run.attention
  const [first, ...more] = run.current
  if (!first) return run.status === 'queued' ? 'waits for room' : ''
  const name = phaseWord(first.phase, first.step)
  return more.length === 0 ? name : `${name} and ${more.length} more`
}

/** What a run waits for, a sentence each; the most important first. `now`: the server's clock, or null before it is known. */
export function waitsFor(run: RunView, now: number | null): string[] {
  if (isEnded(run.status)) return []
  const found: string[] = []
  if (run.attention !== null) found.push(`Waits for a person: ${run.attention}.`)
  if (run.asked) {
    found.push(`${run.asked.for === 'cancel' ? 'Cancel' : 'Undo'} was asked for: its pivot must be known first.`)
  }
  if (run.status === 'queued')
    found.push('Waits for room: as many runs of this saga are under way as its concurrency allows.')
  for (const step of run.lanes) {
    for (const phase of ['do', 'undo', 'probe'] as const) {
      const lane = laneOf(step, phase)
      if (!lane) continue
      const name = phaseWord(phase, step.name)
      if (lane.waitFor?.type === 'signal') found.push(`${name} waits for the signal "${lane.waitFor.signal}".`)
      else if (lane.waitFor?.type === 'timer')
        found.push(`${name} waits for its timer${until(lane.waitFor.dueAt, now)}.`)
      else if (lane.waitFor?.type === 'child') found.push(`${name} waits for the run ${lane.waitFor.runId}.`)
      else if (lane.status === 'backoff' && lane.retryAt !== null) {
        found.push(`${name} is tried again${until(lane.retryAt, now)}, attempt ${lane.attempts + 1}.`)
      } else if (lane.status === 'leased')
        found.push(`${name} is with ${lane.worker ?? 'a worker'}, attempt ${lane.attempts}.`)
      else if (lane.status === 'ready' && !run.paused) found.push(`${name} waits for ${askedOf(step)}.`)
    }
  }
  if (found.length === 0 && run.paused) found.push('Waits for you: it is paused.')
  return found
}

function askedOf(step: StepView): string {
  if (step.action.type === 'task') return `a worker that takes "${step.action.task}"`
  return step.action.type === 'http' ? `${step.action.service} to be called` : 'its turn'
}

function until(at: number, now: number | null): string {
  if (now === null) return ''
  return at <= now ? ' now' : ` in ${duration(Math.max(1_000, Math.ceil((at - now) / 1_000) * 1_000))}`
}

/** Whether nothing is under way in a paused run any more. */
export type Quiet = 'going' | 'pausing' | 'quiet' | 'stuck' | 'over'

export function quietOf(run: Pick<RunView, 'status' | 'paused' | 'quiesced' | 'inFlight'>): Quiet {
  if (isEnded(run.status)) return 'over'
  if (!run.paused) return run.status === 'stuck' && run.inFlight === 0 ? 'stuck' : 'going'
  return run.quiesced ? 'quiet' : 'pausing'
}

/** Stages of a plan that are named; of more it is said how many. */
export const STAGES_MAX = 12

export function planSentence({ plan, direction }: Pick<RunView, 'plan' | 'direction'>): string {
  if (plan.stages.length <= STAGES_MAX || plan.outcome !== 'undo') return plan.sentence
  const steps = plan.stages.reduce((sum, stage) => sum + stage.length, 0)
  const what = `${steps} steps in ${plan.stages.length} stages, what was done last first.`
  return direction === 'backward' ? `Still to be undone: ${what}` : `If this fails now, these undo: ${what}`
}

/** Why a run is, or was, undone: by whom, or because of what. */
export function causeWords(run: Pick<RunView, 'cause'>, actor: (actor: string) => string): string | null {
  const { cause } = run
  if (!cause) return null
  switch (cause.type) {
    case 'step':
      return cause.error
        ? `Undone because ${cause.step} failed: ${cause.error.message}`
        : `Undone because of ${cause.step}.`
    case 'deadline':
      return 'Undone because its deadline passed.'
    case 'cancel':
      return `Cancelled by ${actor(cause.by.actor)}: ${cause.by.reason}`
    case 'compensate':
      return `Undone for ${actor(cause.by.actor)}: ${cause.by.reason}`
  }
}
