/** Cuts a stream of bytes into lines of bounded length; what is longer is cut and said to be. */
import { StringDecoder } from 'node:string_decoder'

export class Lines {
  readonly #onLine: (line: string) => void
  readonly #max: number
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  /** the rest of a line that was cut is not told */
  #skipping = false

  /** `max`: characters of a line. */
  constructor(max: number, onLine: (line: string) => void) {
    this.#max = max
    this.#onLine = onLine
  }

  write(chunk: Buffer): void {
    const parts = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) {
      if (!this.#skipping) this.#tell(part)
      this.#skipping = false
    }
    if (this.#rest.length <= this.#max) return
    if (!this.#skipping) this.#tell(this.#rest)
    this.#skipping = true
    this.#rest = ''
  }

  end(): void {
    this.write(Buffer.from(this.#decoder.end()))
    if (!this.#skipping) this.#tell(this.#rest)
    this.#rest = ''
  }

  #tell(line: string): void {
    const text = line.trimEnd()
    if (text === '') return
    this.#onLine(text.length > this.#max ? `${text.slice(0, this.#max)}… (cut)` : text)
  }
}
