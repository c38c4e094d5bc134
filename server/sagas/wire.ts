/** Starts the sagas and their loops. */
import type { Loops } from '../loops.ts'
import { Sagas, type SagasOptions } from '../sagas.ts'

export async function startSagas(options: SagasOptions, loops: Loops): Promise<Sagas> {
  const sagas = new Sagas(options)
  await sagas.start()
  loops.every('saga-timers', 20, () => sagas.tick())
  loops.every('saga-leases', 250, () => sagas.sweep())
  loops.every('saga-pages', 250, () => sagas.live.tick())
  loops.every('saga-schedules', 1_000, () => sagas.schedules.tick())
  loops.every('saga-archive', 60_000, async () => {
    const runs = await sagas.archive()
    if (runs > 0) options.log.info({ runs }, 'finished sagas packed or removed')
  })
  return sagas
}
