import { describe, expect, it } from 'vitest'
import { Faults } from './faults.ts'

function faults() {
  const clock = { ms: 50_000 }
  return {
    clock,
    it: new Faults(
      () => clock.ms,
      () => 0.5,
    ),
  }
}

describe('the faults of a process', () => {
  it('answers at once as a rule', async () => {
    const { it: its } = faults()
    await its.hold()
    expect(its.fails()).toBe(false)
    expect(await its.health()).toEqual({ status: 'ok' })
  })

  it('hung, neither answers nor lets itself be checked before its mode changes', async () => {
    const { it: its } = faults()
    its.mode = 'hung'
    const told: string[] = []
    const answer = its.hold().then(() => told.push('answer'))
    const check = its.health().then(() => told.push('check'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([])
    its.mode = 'normal'
    await Promise.all([answer, check])
    expect(told.sort()).toEqual(['answer', 'check'])
  })

  it('stays hung when it is told so again', async () => {
    const { it: its } = faults()
    its.mode = 'hung'
    let told = false
    const answer = its.hold().then(() => {
      told = true
    })
    its.mode = 'hung'
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toBe(false)
    its.mode = 'normal'
    await answer
  })

  it('failing, answers a share with an error', () => {
    let x = 0
    const its = new Faults(
      () => 0,
      () => (x = (x + 0.618033988749895) % 1),
    )
    its.mode = 'failing'
    const failed = Array.from({ length: 1_000 }, () => its.fails()).filter(Boolean).length
    expect(failed).toBeGreaterThan(570)
    expect(failed).toBeLessThan(630)
  })

  it('warns of its own errors, and stops when the last ten seconds were clean', async () => {
    const { it: its, clock } = faults()
    for (let i = 0; i < 4; i++) its.answered(500)
    expect((await its.health()).status).toBe('ok')
    for (let i = 0; i < 4; i++) its.answered(200)
    expect(await its.health()).toEqual({
      status: 'warning',
      note: '4 of 8 answers in the last 10 s were errors',
    })
    clock.ms += 9_000
    expect((await its.health()).status).toBe('warning')
    clock.ms += 1_000
    for (let i = 0; i < 20; i++) its.answered(404)
    expect((await its.health()).status).toBe('ok')
  })

  it('does not warn of a few errors among many answers', async () => {
    const { it: its } = faults()
    for (let i = 0; i < 100; i++) its.answered(i % 10 === 0 ? 503 : 200)
    expect((await its.health()).status).toBe('ok')
  })
})
