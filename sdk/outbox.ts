import type { Outgoing } from './wire.ts'

/** About as many characters as go into one frame; the server takes 1 MiB. */
const FRAME_MAX = 128 * 1024

/**
 * Collects what is sent within one turn of the event loop and sends it together, in as few frames as the bound allows.
 */
export class Outbox {
  readonly #write: (frame: string) => void
  #messages: Outgoing[] = []
  #due = false

  constructor(write: (frame: string) => void) {
    this.#write = write
  }

  add(message: Outgoing): void {
    this.#messages.push(message)
    if (this.#due) return
    this.#due = true
    setImmediate(() => this.flush())
  }

  clear(): void {
    this.#messages = []
  }

  flush(): void {
    this.#due = false
    if (this.#messages.length === 0) return
    const messages = this.#messages
    this.#messages = []
    let frame = ''
    let count = 0
    for (const message of messages) {
      const text = JSON.stringify(message)
      if (count > 0 && frame.length + text.length > FRAME_MAX) {
        this.#write(count === 1 ? frame : `[${frame}]`)
        count = 0
      }
      frame = count === 0 ? text : `${frame},${text}`
      count++
    }
    this.#write(count === 1 ? frame : `[${frame}]`)
  }
}
