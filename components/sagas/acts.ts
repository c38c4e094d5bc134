/** What an operator may do to a run, when it makes sense, and what it will mean. Pure; the core decides again. */
import type { Breakpoint, Phase } from '@/core/saga/event'
import { place } from '@/core/saga/sentence'
import type { RunView, StepView } from '@/core/saga/view'
import { isEnded, phaseWord, planSentence } from './words'

export type Act =
  | { kind: 'pause' }
  | { kind: 'continue'; until?: string }
  | { kind: 'step'; step?: string; phase?: Phase }
  | { kind: 'setBreakpoint'; step: string; at: Breakpoint['at'] }
  | { kind: 'clearBreakpoint'; step: string; at: Breakpoint['at'] }
  | { kind: 'retry'; step: string; phase: 'do' | 'undo' }
  | { kind: 'skip'; step: string }
  | { kind: 'edit'; step: string; phase: 'do' | 'undo' }
  | { kind: 'resolve'; step: string }
  | { kind: 'force'; step: string }
  | { kind: 'waive'; step: string }
  | { kind: 'compensate' }
  | { kind: 'cancel' }
  | { kind: 'terminate' }
  | { kind: 'redrive'; step: string | null }
  | { kind: 'signal'; signal: string }

const LIGHT: ReadonlySet<Act['kind']> = new Set(['pause', 'continue', 'step', 'setBreakpoint', 'clearBreakpoint'])

/** Acts of debugging that change nothing by themselves: one reason serves them all. */
export const isLight = (act: Act): boolean => LIGHT.has(act.kind)

export interface Meaning {
  /** the question */
  title: string
  /** verb and object */
  action: string
  /** what will happen, a sentence a line */
  lines: string[]
  danger: boolean
}

export function meaningOf(act: Act, run: RunView): Meaning {
  const step =
    'step' in act && typeof act.step === 'string' ? run.lanes.find(({ name }) => name === act.step) : undefined
  const safe = { danger: false }
  switch (act.kind) {
    case 'pause':
      return {
        ...safe,
        title: `Pause ${run.definition}?`,
        action: 'Pause',
        lines: [
          'No further step and no further undo begins.',
          run.inFlight === 0
            ? 'Nothing is in flight: it is quiet at once.'
            : `${inFlightWords(run)} ${run.inFlight === 1 ? 'finishes' : 'finish'} first; the light says when it is quiet.`,
        ],
      }
    case 'continue':
      return act.until === undefined
        ? { ...safe, title: `Continue ${run.definition}?`, action: 'Continue', lines: [nextWords(run)] }
        : {
            ...safe,
            title: `Run to ${act.until}?`,
            action: `Run to ${act.until}`,
            lines: [nextWords(run), `It stops just before ${act.until}, once.`],
          }
    case 'step': {
      const next = act.step === undefined ? run.next[0] : { step: act.step, phase: act.phase ?? 'do' }
      const name = next ? phaseWord(next.phase, next.step) : null
      return {
        ...safe,
        title: name === null ? 'Step over?' : `Step over ${name}?`,
        action: name === null ? 'Step over' : `Step over ${name}`,
        lines: [`${name === null ? 'What comes next' : `Only ${name}`} goes on; the run stays paused.`],
      }
    }
    case 'setBreakpoint':
      return {
        ...safe,
        title: `Stop ${place(act)}?`,
        action: 'Set the breakpoint',
        lines: ['The run pauses there and waits for a person. It is kept with the run, across restarts.'],
      }
    case 'clearBreakpoint':
      return {
        ...safe,
        title: `No longer stop ${place(act)}?`,
        action: 'Clear the breakpoint',
        lines: ['The run goes past it from now on.'],
      }
    case 'retry':
      return {
        ...safe,
        title: `Retry ${phaseWord(act.phase, act.step)}?`,
        action: `Retry ${phaseWord(act.phase, act.step)}`,
        lines: [
          `It is tried again ${run.paused ? 'as soon as the run goes on' : 'at once'}, with all its attempts.`,
          step?.keySpent && act.phase === 'do'
            ? 'It gets a new key: its participant has said that it did not happen, and refuses the old one from then on.'
            : 'The key stays the same: a participant that has done it already answers with its first result.',
          ...(step?.do.edited && act.phase === 'do' ? ['It gets the edited input.'] : []),
        ],
      }
    case 'skip':
      return {
        danger: true,
        title: `Skip ${act.step}?`,
        action: `Skip ${act.step}`,
        lines: [
          `The run goes on as if ${act.step} were done; nobody does it.`,
          ...after(run, act.step),
          step?.hasUndo ? 'Nothing was done, so it owes no undo.' : 'It has no undo.',
        ],
      }
    case 'edit':
      return {
        ...safe,
        title: `Edit the input of ${phaseWord(act.phase, act.step)}`,
        action: 'Keep this input',
        lines: ['The next attempt gets this instead. What the step had before stays in the history.'],
      }
    case 'resolve':
      return {
        ...safe,
        title: `Has ${act.step} happened?`,
        action: `Resolve ${act.step}`,
        lines: [
          step?.do.status === 'failed'
            ? 'Its participant says that it has not happened so far, which may change. Look at it, then say what is true.'
            : 'Its last attempt ended without anyone knowing. Look at the participant, then say what is true.',
          step?.hasUndo
            ? 'If it has happened it counts as done, and is undone when the run is; if not, it counts as failed.'
            : 'If it has happened it counts as done; if not, it counts as failed.',
        ],
      }
    case 'force':
      return {
        danger: true,
        title: `Take the undo of ${act.step} as done?`,
        action: `Force the undo of ${act.step}`,
        lines: [
          `Nobody is called: you say that ${act.step} was undone by hand.`,
          ...whenSettled(run, act.step),
          'If that is not true, its effect stays and nothing looks for it any more.',
        ],
      }
    case 'waive':
      return {
        danger: true,
        title: `Give up the undo of ${act.step}?`,
        action: `Waive the undo of ${act.step}`,
        lines: [
          `What ${act.step} did stays as it is.`,
          ...whenSettled(run, act.step),
          'The run ends as partly compensated, for all to see.',
        ],
      }
    case 'compensate':
      return {
        danger: true,
        title: `Undo ${run.definition} now?`,
        action: 'Compensate now',
        lines: ['No further step begins.', undoWords(run), ...pausedNote(run), ...inFlightNote(run), ...kept(run)],
      }
    case 'cancel':
      return {
        danger: true,
        title: `Cancel ${run.definition}?`,
        action: 'Cancel the run',
        lines: [
          'No further step begins.',
          run.plan.outcome === 'nothing' ? 'Nothing is done that has an undo: it ends as cancelled.' : undoWords(run),
          ...pausedNote(run),
          ...inFlightNote(run),
          ...kept(run),
        ],
      }
    case 'terminate':
      return {
        danger: true,
        title: `Terminate ${run.definition} without undo?`,
        action: 'Terminate without undo',
        lines: [
          'It ends at once, as it is. Nothing is undone.',
          staysWords(run),
          ...childrenWords(run),
          ...(run.inFlight > 0
            ? [`${inFlightWords(run)} in flight: what ${run.inFlight === 1 ? 'it does' : 'they do'} is not waited for.`]
            : []),
          'This cannot be taken back; it can be redriven as a fork.',
        ],
      }
    case 'redrive':
      return {
        ...safe,
        title: `Redrive ${run.definition} as a fork`,
        action: 'Start the fork',
        lines: [
          'A new run of the same version takes over what is done before the step you choose, and goes on from there.',
        ],
      }
    case 'signal':
      return {
        ...safe,
        title: `Send the signal "${act.signal}"?`,
        action: `Send ${act.signal}`,
        lines: ['The step that waits for it is done; what you send is its output.'],
      }
  }
}

function inFlightWords(run: RunView): string {
  const names = run.lanes.flatMap((step) => [
    ...(step.do.status === 'leased' ? [step.name] : []),
    ...(step.undo.status === 'leased' ? [`the undo of ${step.name}`] : []),
    ...(step.probe?.status === 'leased' ? [`the question about ${step.name}`] : []),
  ])
  if (names.length === 0) return `${run.inFlight} in flight`
  return names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '')
}

function inFlightNote(run: RunView): string[] {
  return run.inFlight === 0 ? [] : [`${inFlightWords(run)} in flight: its outcome is waited for, then undone as well.`]
}

/** Of the plan, as what is about to happen. */
function undoWords(run: RunView): string {
  return planSentence(run).replace(/^If this fails now, these undo/, 'These are undone')
}

function pausedNote(run: RunView): string[] {
  return run.paused && run.plan.stages.length > 0 ? ['It stays paused: its undos wait until you continue.'] : []
}

function nextWords(run: RunView): string {
  if (run.next.length === 0) return 'It goes on by itself.'
  const names = run.next.slice(0, 4).map(({ step, phase }) => phaseWord(phase, step))
  return `Next: ${names.join(', ')}${run.next.length > 4 ? ` and ${run.next.length - 4} more` : ''}.`
}

function kept(run: RunView): string[] {
  return run.plan.kept.length === 0 ? [] : [`Stays, since it has no undo: ${run.plan.kept.join(', ')}.`]
}

function staysWords(run: RunView): string {
  const done = run.lanes.filter(
    ({ do: lane, undo }) =>
      (lane.status === 'succeeded' || lane.maybe) && undo.status !== 'compensated' && undo.status !== 'forced',
  )
  return done.length === 0
    ? 'Nothing was done that would stay.'
    : `What stays: ${done.map(({ name }) => name).join(', ')}.`
}

function childrenWords(run: RunView): string[] {
  const names = run.lanes.flatMap((step) => [
    ...(step.do.waitFor?.type === 'child' ? [step.name] : []),
    ...(step.undo.waitFor?.type === 'child' ? [`the undo of ${step.name}`] : []),
  ])
  if (names.length === 0) return []
  const one = names.length === 1
  return [
    `The child ${one ? 'saga' : 'sagas'} of ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''} ${one ? 'ends' : 'end'} with it, as ${one ? 'it is' : 'they are'}.`,
  ]
}

function after(run: RunView, name: string): string[] {
  const next = run.lanes.filter((step) => step.after.includes(name)).map((step) => step.name)
  return next.length === 0 ? [] : [`Next: ${next.join(', ')}.`]
}

function whenSettled(run: RunView, name: string): string[] {
  const others = run.lanes.filter(
    ({ name: own, undo }) => own !== name && ['owed', 'ready', 'leased', 'backoff', 'stuck'].includes(undo.status),
  )
  return others.length === 0
    ? ['It is the last one: the run ends.']
    : [`Then still to be undone: ${others.map(({ name: own }) => own).join(', ')}.`]
}

/** What makes sense for one half of a step, the act that helps most first. */
export function actsOn(step: StepView, phase: 'do' | 'undo', run: RunView): Act[] {
  if (isEnded(run.status)) return step.carried ? [] : [{ kind: 'redrive', step: step.name }]
  const { name } = step
  const acts: Act[] = []
  if (phase === 'do') {
    const { status, maybe } = step.do
    const forward = run.direction === 'forward'
    if (status === 'unknown' || (status === 'failed' && maybe)) acts.push({ kind: 'resolve', step: name })
    if (status === 'waiting' && step.do.waitFor?.type === 'signal') {
      acts.push({ kind: 'signal', signal: step.do.waitFor.signal })
    }
    if (forward && (status === 'failed' || status === 'unknown' || status === 'backoff')) {
      acts.push({ kind: 'retry', step: name, phase })
    }
    if (forward && ['pending', 'ready', 'backoff', 'failed', 'unknown'].includes(status)) {
      acts.push({ kind: 'edit', step: name, phase })
    }
    if (
      forward &&
      !maybe &&
      ['pending', 'ready', 'backoff', 'failed', 'waiting'].includes(status) &&
      step.do.waitFor?.type !== 'child'
    ) {
      acts.push({ kind: 'skip', step: name })
    }
    return acts
  }
  const { status } = step.undo
  if (status === 'stuck' || status === 'backoff') acts.push({ kind: 'retry', step: name, phase })
  if (['owed', 'ready', 'backoff', 'stuck'].includes(status)) {
    acts.push({ kind: 'edit', step: name, phase }, { kind: 'force', step: name }, { kind: 'waive', step: name })
  } else if (status === 'not-needed' && step.hasUndo) acts.push({ kind: 'edit', step: name, phase })
  return acts
}

/** Of a run that waits for a person: where, and what would help, best first. */
export function helpFor(run: RunView): { step: string; phase: 'do' | 'undo'; acts: Act[] }[] {
  return run.lanes.flatMap((step) => {
    const found: { step: string; phase: 'do' | 'undo'; acts: Act[] }[] = []
    if (step.undo.status === 'stuck') found.push({ step: step.name, phase: 'undo', acts: actsOn(step, 'undo', run) })
    else if (step.parked) found.push({ step: step.name, phase: 'do', acts: actsOn(step, 'do', run) })
    return found
  })
}
