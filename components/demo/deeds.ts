/** What each button does, in words that say it beforehand and afterwards. */
import type { Action, InstanceStatus, Mode } from '@/server/demo'

export const MODES: readonly Mode[] = ['normal', 'slow', 'failing', 'hung']

export const MODE_WORD: Record<Mode, string> = { normal: 'Normal', slow: 'Slow', failing: 'Failing', hung: 'Hung' }

/** What will happen. */
export const WILL: Record<Action, string> = {
  normal: 'It works as it should again, at once.',
  slow: 'Each answer takes 400 to 900 ms longer, its health check too.',
  failing: 'Six calls of ten get an error at once; its health check answers, and warns of them.',
  hung: 'It accepts connections and answers nothing, its health check included. Heartbeats go on.',
  kill: 'SIGKILL: the process is gone with no goodbye. It is started again after 8 s.',
  restart: 'SIGTERM: it drains, deregisters and ends, then starts anew. Started at once when it is down.',
}

/** What has happened. */
export function did(action: Action, { id, pid }: Pick<InstanceStatus, 'id' | 'pid'>): string {
  switch (action) {
    case 'kill':
      return `${id} was killed (process ${pid ?? 'unknown'}). It is started again in 8 s.`
    case 'restart':
      return `${id} is restarting.`
    case 'normal':
      return `${id} is back to normal.`
    default:
      return `${id} is ${action} now.`
  }
}

/** What would take an action back; null where time does, or nothing is to be taken back. */
export function backFrom(action: Action): Action | null {
  return action === 'slow' || action === 'failing' || action === 'hung' ? 'normal' : null
}
