// A service of its own: takes a lock, writes under it to what its parent keeps, and says what happens to it.
import { connect } from '../sdk/dist/index.js'

const [url, token, resource, ttlMs, waitMs] = process.argv.slice(2)
const say = (message) => process.send?.(message)
const holdfast = await connect({ url, token })
say({ type: 'waiting' })
try {
  await holdfast.lock(resource, { ttlMs: Number(ttlMs), waitMs: Number(waitMs), label: 'holder' }, async (lease) => {
    say({ type: 'held', token: lease.fencingToken })
    lease.signal.addEventListener('abort', () => say({ type: 'lost', message: String(lease.signal.reason.message) }))
    // As a careless program would: it never looks whether the lock is still held.
    const writing = setInterval(() => say({ type: 'write', token: lease.fencingToken }), 20)
    await new Promise((resolve) => {
      process.on('message', (message) => message === 'release' && resolve())
      lease.signal.addEventListener('abort', () => setTimeout(resolve, 200))
    })
    clearInterval(writing)
  })
  say({ type: 'done' })
} catch (error) {
  say({ type: 'failed', message: error.message, cause: error.details?.cause })
}
await holdfast.close()
process.disconnect?.()
