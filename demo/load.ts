/** The customers: come in a wave like a day's, browse and order at the storefront. `load <startedAt>` */
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from '@holdfast/sdk'
import { ENTRANCE, REQUESTS_PER_VISIT, type Shop, visit } from './customers.ts'
import { direct, type Entrance, through } from './entrance.ts'
import type { LoadEvent } from './messages.ts'
import { partner } from './partner.ts'
import { Second } from './second.ts'
import { setting } from './settings.ts'
import { hourAt, nextArrivalMs, rateAt, WAVE } from './wave.ts'

const PATIENCE_MS = 5_000
const THINK_MIN_MS = 250
const THINK_SPREAD_MS = 1_500
/** Visits at a time: with the whole fleet hung, customers wait up to their patience each, and no more come in. */
const VISITS_MAX = 300

const now = () => performance.timeOrigin + performance.now()

async function main(startedAt: number): Promise<void> {
  const gateway = setting('HOLDFAST_DEMO_GATEWAY', '')
  const enter = gateway === '' ? await entranceOfServices() : through(gateway, 'demo-customer')
  if (gateway !== '') void partner(through(gateway, 'demo-partner'))
  let second = new Second()
  let orders = 0
  let lostOrders = 0
  let visits = 0
  let number = 0
  const shop: Shop = {
    async ask(path, body) {
      const begun = performance.now()
      try {
        const {
          status,
          body: said,
          served,
        } = await enter(path, {
          body,
          timeoutMs: PATIENCE_MS,
          idempotent: path !== '/checkout',
        })
        const failed = status >= 500 || !served
        second.add(performance.now() - begun, failed)
        return failed ? null : { status, body: said }
      } catch {
        second.add(performance.now() - begun, true)
        return null
      }
    },
    think: () => wait(THINK_MIN_MS + Math.random() * THINK_SPREAD_MS),
    random: Math.random,
    ordered: () => void orders++,
    lost: () => void lostOrders++,
  }
  const rate = () => rateAt(WAVE, now() - startedAt)
  const arrive = (): void => {
    setTimeout(arrive, nextArrivalMs(rate() / REQUESTS_PER_VISIT, Math.random))
    if (visits >= VISITS_MAX) return
    visits += 1
    number += 1
    void visit(shop, `customer-${process.pid}-${number}`).finally(() => {
      visits -= 1
    })
  }
  arrive()
  setInterval(() => {
    const point = second.point(Math.round(now()), rate())
    second = new Second()
    const event: LoadEvent = { type: 'load', point, hour: hourAt(WAVE, now() - startedAt), orders, lostOrders }
    if (process.connected) process.send?.(event, undefined, undefined, () => undefined)
  }, 1_000)
}

async function entranceOfServices(): Promise<Entrance> {
  const holdfast = await connect({
    url: setting('HOLDFAST_URL', 'http://127.0.0.1:3000'),
    token: setting('HOLDFAST_TOKEN', ''),
    follow: [ENTRANCE],
  })
  return direct(holdfast, ENTRANCE)
}

const end = (): never => process.exit(0)
process.on('SIGINT', () => undefined)
process.on('SIGTERM', end)
process.on('disconnect', end)

main(Number(process.argv[2] ?? now())).catch((error: unknown) => {
  console.error(`load: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
