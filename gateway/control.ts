/** A local socket by which the control plane that supervises this process finds it, also after a restart of its own. */
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Hello } from '../core/gateway/view.ts'

export class Control {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #hello: () => Hello
  #listening = false

  constructor({ path, hello, onStop }: { path: string; hello: () => Hello; onStop: () => void }) {
    this.#hello = hello
    rmSync(path, { force: true })
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#sockets.delete(socket))
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text = (text + chunk.toString('utf8')).slice(-1_000)
        if (text.includes('stop\n')) onStop()
      })
      if (this.#listening) this.#greet(socket)
    })
    const before = process.umask(0o077)
    this.#server.listen(path, () => process.umask(before))
    this.#server.on('error', (error) => {
      process.umask(before)
      console.error(`holdfast gateway: nobody can supervise it: ${error.message}`)
    })
  }

  /** A worker takes requests. */
  listening(_port: number): void {
    this.#listening = true
    for (const socket of this.#sockets) this.#greet(socket)
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #greet(socket: Socket): void {
    socket.write(`${JSON.stringify(this.#hello())}\n`)
  }
}
