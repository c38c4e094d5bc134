// A service of its own that calls through a breaker: as often as its parent says, all at once.
import { connect } from '../sdk/dist/index.js'

const [url, token, name] = process.argv.slice(2)
const say = (message) => process.send?.(message)
const holdfast = await connect({ url, token, telemetry: false })
const breaker = holdfast.breaker(name, {
  minimumCalls: 5,
  openMs: 300,
  openFactor: 1,
  openMaxMs: 300,
  halfOpenPermits: 5,
  successThreshold: 1_000,
  permitMs: 2_000,
})
const call = async (fails, ms) => {
  let passed = false
  try {
    await breaker.execute(async () => {
      passed = true
      say({ type: 'in' })
      await new Promise((resolve) => setTimeout(resolve, ms))
      if (fails) throw new Error('down')
    })
  } catch (error) {
    if (!passed) return { refused: error.name, message: error.message }
  }
  if (passed) say({ type: 'out' })
  return null
}
process.on('message', async ({ calls, fails = false, ms = 0, id }) => {
  const answers = await Promise.all(Array.from({ length: calls }, () => call(fails, ms)))
  const refused = answers.filter((answer) => answer !== null)
  say({ type: 'done', id, refused: refused.length, message: refused[0]?.message ?? null, state: breaker.state })
})
process.on('disconnect', () => void holdfast.close())
say({ type: 'ready' })
