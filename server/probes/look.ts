/** One look at one target. */
import type { CheckSpec } from '../../core/instance.ts'
import type { Outbound } from '../outbound.ts'
import { errorVerdict, httpVerdict, type Verdict } from './verdict.ts'

/** A body worth an excerpt of 300 characters. */
const BODY_BYTES_MAX = 4_096

/** Makes the check that is asked for; never throws. */
export async function look(
  outbound: Pick<Outbound, 'http' | 'tcp'>,
  { address, check }: { address: string; check: CheckSpec },
  signal: AbortSignal,
): Promise<Verdict> {
  const call = { address, timeoutMs: check.timeoutMs, signal }
  try {
    if (check.http !== undefined) {
      return httpVerdict(await outbound.http({ ...call, path: check.http, maxBytes: BODY_BYTES_MAX }))
    }
    await outbound.tcp(call)
    return { status: 'passing', evidence: 'spoke', output: 'accepts connections' }
  } catch (error) {
    return errorVerdict(error)
  }
}
