import { describe, expect, it } from 'vitest'
import { createLog } from './log.ts'

function lines(write: (log: ReturnType<typeof createLog>) => void, level: Parameters<typeof createLog>[0] = 'info') {
  const out: Record<string, unknown>[] = []
  write(createLog(level, { write: (line: string) => void out.push(JSON.parse(line) as Record<string, unknown>) }))
  return out
}

describe('the log', () => {
  it('is one JSON object a line, with level and time in words', () => {
    const [line] = lines((log) => log.info({ seq: 7 }, 'applied'))
    expect(line).toMatchObject({ level: 'info', seq: 7, msg: 'applied', pid: process.pid })
    expect(new Date(String(line?.time)).getTime()).not.toBeNaN()
  })

  it('leaves secrets out', () => {
    const text = JSON.stringify(
      lines((log) => {
        log.info({ token: 'hush', config: { adminToken: 'hush' }, user: { password: 'hush' } }, 'x')
        log.info({ headers: { authorization: 'hush', cookie: 'hush' } }, 'x')
      }),
    )
    expect(text).not.toContain('hush')
  })

  it('is as talkative as it was told to be', () => {
    expect(lines((log) => log.info('x'), 'warn')).toEqual([])
    expect(lines((log) => log.fatal('x'), 'silent')).toEqual([])
  })

  it('tells errors with their cause', () => {
    for (const name of ['err', 'error']) {
      const [line] = lines((log) => log.error({ [name]: new Error('broke', { cause: new Error('because') }) }, 'x'))
      expect(line?.[name]).toMatchObject({ message: 'broke', cause: { message: 'because' } })
    }
  })
})
