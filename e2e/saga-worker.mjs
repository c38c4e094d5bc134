// A participant of sagas: a process of its own that keeps what it does in SQLite, with bad habits that its input names.
import Database from 'better-sqlite3'
import { connect, StepRefusedError, StepUnknownError, sqliteLedger } from '../sdk/dist/index.js'

const [url, token, file, kind] = process.argv.slice(2)
// Writes what it does without a look at its ledger, to show that the checks notice.
const isForgetful = kind === 'forgetful'
const say = (message) => process.send?.(message)
const database = new Database(file, { timeout: 10_000 })
database.pragma('journal_mode = WAL')
database.pragma('synchronous = NORMAL')
// Only ever added to: what was done and undone, in order.
database.exec(`
  CREATE TABLE IF NOT EXISTS effect (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, step TEXT NOT NULL, key TEXT NOT NULL, what TEXT NOT NULL, pid INTEGER NOT NULL
  )
`)
const insert = database.prepare('INSERT INTO effect (run, step, key, what, pid) VALUES (?, ?, ?, ?, ?)')
const holdfast = await connect({
  url,
  token,
  connectTimeoutMs: 60_000,
  telemetry: false,
  onEvent: (event) => event.type === 'sagaLeaseLost' && say({ type: 'lost', message: event.message }),
})

/** Stands still: no heartbeat, no signal, nothing is heard. */
const standStill = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const die = () => process.kill(process.pid, 'SIGKILL')

async function lie(ctx) {
  const ref = { runId: ctx.runId, step: ctx.step, phase: ctx.phase, worker: worker.name }
  const told = []
  for (const [fence, name] of [
    [ctx.fence + 1, worker.name],
    [Math.max(1, ctx.fence - 1), worker.name],
    [ctx.fence, 'somebody-else'],
  ]) {
    const data = { ...ref, fence, worker: name, output: 'a lie' }
    const answer = await holdfast.trpc.sagas.complete.mutate({ data }).catch((error) => error.cause ?? error)
    told.push(answer.code ?? 'believed')
  }
  say({ type: 'lied', told })
}

async function act(input, ctx) {
  const habit = ctx.attempt === 1 || input.always ? input.habits?.[`${ctx.phase} ${ctx.step}`] : undefined
  say({ type: 'began', step: ctx.step, phase: ctx.phase, attempt: ctx.attempt })
  if (input.workMs) await sleep(Math.random() * input.workMs)
  if (habit === 'dies before') die()
  if (habit === 'refuses') throw new StepRefusedError('NO', 'It says no.')
  if (habit === 'stands still') standStill(3_500)
  if (habit === 'stands still for long') standStill(8_000)
  if (habit === 'hangs') await new Promise(() => undefined)
  if (habit === 'lies') await lie(ctx)
  const write = () => {
    insert.run(ctx.runId, ctx.step, ctx.doKey, ctx.phase === 'do' ? 'did' : 'undid', process.pid)
    return { by: ctx.step }
  }
  const output = isForgetful ? write() : await ctx.once(write)
  if (habit === 'dies after') die()
  if (habit === 'loses the answer') throw new StepUnknownError('LOST', 'Nobody knows.')
  if (habit === 'holds the answer') await sleep(1_500)
  return output
}

const task = { do: act, undo: ({ input }, ctx) => act(input, ctx) }
const worker = holdfast.sagas.worker(
  { reserve: task, charge: task, pack: task, ship: task },
  { concurrency: 20, ledger: isForgetful ? undefined : sqliteLedger(database) },
)
process.on('SIGTERM', () => void holdfast.close().then(() => process.exit(0)))
process.on('disconnect', () => process.exit(0))
say({ type: 'ready', worker: worker.name })
