/** Workers of sagas that follow a script, over a WebSocket of their own. They connect again when the control plane was away. */
import { ADMIN_TOKEN } from './launch.ts'
import { RawSocket } from './wire.ts'

export interface Task {
  runId: string
  step: string
  phase: 'do' | 'undo' | 'probe'
  fence: number
  key: string
  attempt: number
  input: unknown
}

/** How an attempt ends: with an output, refused for good, failed for now, without anyone knowing, or not yet. */
export type Answer = { output: unknown } | { refused: string } | { failed: string } | { unknown: string } | 'held'

export type Script = (task: Task) => Answer | Promise<Answer>

export class Participants {
  readonly #url: string
  readonly #worker: string
  readonly #tasks: string[]
  #socket: RawSocket | null = null
  #closed = false
  /** tasks that were given out and not answered */
  readonly held: Task[] = []
  /** every task in the order it was given out, as `charge` or `undo charge` */
  readonly trace: string[] = []
  script: Script

  private constructor(url: string, worker: string, tasks: string[], script: Script) {
    this.#url = url
    this.#worker = worker
    this.#tasks = tasks
    this.script = script
  }

  static async open(url: string, worker: string, tasks: string[], script: Script): Promise<Participants> {
    const participants = new Participants(url, worker, tasks, script)
    await participants.connect()
    return participants
  }

  async connect(): Promise<void> {
    const socket = await RawSocket.open(this.#url, { token: ADMIN_TOKEN })
    this.#socket = socket
    const data = { worker: this.#worker, tasks: this.#tasks, capacity: 50 }
    await socket.subscribe('sagas.claim', { data }, (message) => {
      for (const task of (message as { tasks: Task[] }).tasks) void this.#work(socket, task)
    })
  }

  async #work(socket: RawSocket, task: Task): Promise<void> {
    this.trace.push(task.phase === 'do' ? task.step : `${task.phase} ${task.step}`)
    const answer = await this.script(task)
    if (this.#closed || this.#socket !== socket) return
    if (answer === 'held') this.held.push(task)
    else await this.answer(task, answer)
  }

  async answer(task: Task, answer: Exclude<Answer, 'held'>): Promise<void> {
    const { runId, step, phase, fence } = task
    const ref = { runId, step, phase, fence, worker: this.#worker }
    if ('output' in answer) {
      await this.#socket?.call('mutation', 'sagas.complete', { data: { ...ref, output: answer.output } })
      return
    }
    const [code] = Object.values(answer) as [string]
    const data = {
      ...ref,
      error: { code, message: `The participant says ${code}.` },
      outcome: 'unknown' in answer ? 'unknown' : 'failed',
      retryable: !('refused' in answer),
    }
    await this.#socket?.call('mutation', 'sagas.fail', { data })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#socket?.close()
  }
}
