/** An attempt with what faults made on purpose do to it: later, or answered in the place of whom is called. */
import type { AttemptMarks } from '../core/latency.ts'
import { type Agents, AttemptError, type AttemptRequest, type AttemptResult, attempt } from './attempt.ts'
import type { Strike } from './faults.ts'
import type { Time } from './time.ts'

/** A delay counts as time on the network, and ends when the call does. Throws an AttemptError. */
export async function struck(agents: Agents, r: AttemptRequest, strike: Strike, time: Time): Promise<AttemptResult> {
  const createdMs = performance.now()
  const late = (marks: AttemptMarks) => {
    marks.connectMs += marks.createdMs - createdMs
    marks.createdMs = createdMs
  }
  if (strike.delayMs > 0) await delayed(strike.delayMs, r.signal, time, createdMs)
  if (strike.abort) return answerOf(strike.abort, createdMs)
  try {
    const result = await attempt(agents, r)
    late(result.marks)
    return result
  } catch (error) {
    if (error instanceof AttemptError) late(error.marks)
    throw error
  }
}

function delayed(delayMs: number, signal: AbortSignal, time: Time, createdMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      cancel()
      const now = performance.now()
      const why = signal.reason instanceof Error ? signal.reason : new Error('aborted')
      const marks = { ...marksOf(createdMs, now), headersSentMs: null, bodySentMs: null, headersMs: null, appMs: null }
      reject(new AttemptError(why.message, { sent: false, errno: why.name, marks, cause: why }))
    }
    const onTime = () => {
      signal.removeEventListener('abort', over)
      resolve()
    }
    const cancel = time.after(delayMs, onTime, true)
    if (signal.aborted) over()
    else signal.addEventListener('abort', over, { once: true })
  })
}

/** RFC 9457, as the gateway says it. */
function answerOf({ id, abortStatus, reason }: NonNullable<Strike['abort']>, createdMs: number): AttemptResult {
  const status = abortStatus as number
  const detail = `A fault made on purpose answers in the place of the service: ${reason}`
  const body = Buffer.from(
    JSON.stringify({ type: 'urn:holdfast:fault', title: 'Fault on purpose', status, detail, fault: id }),
  )
  const marks = marksOf(createdMs, performance.now())
  marks.status = status
  return { status, headers: { 'content-type': 'application/problem+json', 'holdfast-fault': id }, body, marks }
}

/** All the time until now was spent on the way. */
function marksOf(createdMs: number, now: number): AttemptMarks {
  return {
    createdMs,
    connectMs: now - createdMs,
    headersSentMs: now,
    bodySentMs: now,
    headersMs: now,
    endMs: now,
    appMs: 0,
    queueMs: 0,
    gatewayAppMs: 0,
    gatewayQueueMs: 0,
    status: null,
    instance: null,
  }
}
