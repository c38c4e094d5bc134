import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ValidationError } from '../core/errors.ts'
import { assertBindable, parseConfig, withPort } from './config.ts'

const TOKEN = 'x'.repeat(32)

function refusal(env: Record<string, string>, argv: string[] = []): string {
  try {
    parseConfig(env, argv)
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return (error as Error).message
  }
  throw new Error('was accepted')
}

describe('settings', () => {
  it('have defaults that listen on this machine only', () => {
    const config = parseConfig({})
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      loopback: true,
      databaseUrl: 'file:./data/holdfast.db',
      databasePath: resolve('data/holdfast.db'),
      adminToken: null,
      outboundAllow: [],
      logLevel: 'info',
      publicUrl: 'http://127.0.0.1:3000',
      origins: ['http://127.0.0.1:3000', 'http://localhost:3000'],
      journal: { retentionDays: 30, eventsMax: 2_000_000 },
      demo: false,
    })
  })

  it('take an empty variable as not set', () => {
    expect(parseConfig({ HOLDFAST_PORT: '', HOLDFAST_ADMIN_TOKEN: '  ' })).toMatchObject({
      port: 3000,
      adminToken: null,
    })
  })

  it('read every variable', () => {
    const config = parseConfig(
      {
        HOLDFAST_HOST: '::1',
        HOLDFAST_PORT: '4000',
        HOLDFAST_DATABASE_URL: 'file:///var/lib/holdfast/a%20b.db',
        HOLDFAST_ADMIN_TOKEN: TOKEN,
        HOLDFAST_OUTBOUND_ALLOW: '203.0.113.0/24, 2001:db8::/32,',
        HOLDFAST_LOG_LEVEL: 'debug',
        HOLDFAST_ALLOW_REMOTE: 'yes',
        HOLDFAST_PUBLIC_URL: 'https://holdfast.example.org/',
        HOLDFAST_ORIGINS: 'https://ops.example.org',
        HOLDFAST_JOURNAL_RETENTION_DAYS: '7',
        HOLDFAST_JOURNAL_MAX_EVENTS: '1000',
      },
      ['--demo'],
    )
    expect(config).toMatchObject({
      host: '::1',
      port: 4000,
      loopback: true,
      databasePath: '/var/lib/holdfast/a b.db',
      adminToken: TOKEN,
      outboundAllow: ['203.0.113.0/24', '2001:db8::/32'],
      logLevel: 'debug',
      allowRemote: true,
      publicUrl: 'https://holdfast.example.org',
      journal: { retentionDays: 7, eventsMax: 1000 },
      demo: true,
      dev: false,
    })
    expect(config.origins).toEqual([
      'https://holdfast.example.org',
      'http://[::1]:4000',
      'http://127.0.0.1:4000',
      'http://localhost:4000',
      'https://ops.example.org',
    ])
  })

  it.each([
    ['HOLDFAST_HOST', 'http://127.0.0.1', 'address to listen on'],
    ['HOLDFAST_PORT', '70000', 'from 1 to 65535'],
    ['HOLDFAST_PORT', '3e3', 'from 1 to 65535'],
    ['HOLDFAST_PORT', '-1', 'from 1 to 65535'],
    ['HOLDFAST_DATABASE_URL', 'postgres://localhost/holdfast', 'file:'],
    ['HOLDFAST_DATABASE_URL', './data/holdfast.db', 'file:'],
    ['HOLDFAST_DATABASE_URL', 'file:', 'path'],
    ['HOLDFAST_DATABASE_URL', 'file://elsewhere/x.db', 'path'],
    ['HOLDFAST_OUTBOUND_ALLOW', '10.0.0.0/8, example.org', '"example.org"'],
    ['HOLDFAST_OUTBOUND_ALLOW', '10.1.0.0/8', 'without host bits'],
    ['HOLDFAST_LOG_LEVEL', 'loud', 'one of fatal'],
    ['HOLDFAST_ALLOW_REMOTE', 'maybe', '1 or 0'],
    ['HOLDFAST_PUBLIC_URL', 'https://example.org/holdfast', 'scheme, host and port only'],
    ['HOLDFAST_ORIGINS', '*', '"*"'],
    ['HOLDFAST_JOURNAL_RETENTION_DAYS', '0', 'from 1'],
    ['HOLDFAST_JOURNAL_MAX_EVENTS', '10', 'from 1000'],
  ])('refuse %s=%s and say what to do', (name, value, words) => {
    const message = refusal({ [name]: value })
    expect(message).toContain(name)
    expect(message).toContain(words)
  })

  it('name every wrong variable at once', () => {
    const message = refusal({ HOLDFAST_PORT: 'x', HOLDFAST_LOG_LEVEL: 'y' }, ['--dmeo'])
    expect(message.split('\n')).toHaveLength(3)
    expect(message).toContain('"--dmeo" is not an option')
  })

  it('never repeat a token that is refused', () => {
    const message = refusal({ HOLDFAST_ADMIN_TOKEN: 'short-secret' })
    expect(message).toContain('at least 32')
    expect(message).not.toContain('short-secret')
  })

  it('derive origins anew when any free port was asked for', () => {
    const config = withPort(parseConfig({ HOLDFAST_PORT: '0' }), 4321)
    expect(config.port).toBe(4321)
    expect(config.publicUrl).toBe('http://127.0.0.1:4321')
    expect(config.origins).toEqual(['http://127.0.0.1:4321', 'http://localhost:4321'])
  })
})

describe('listening elsewhere than on loopback', () => {
  const remote = (env: Record<string, string>) => parseConfig({ HOLDFAST_HOST: '0.0.0.0', ...env })

  it('needs the flag and an admin', () => {
    expect(() => assertBindable(remote({}), true)).toThrow('HOLDFAST_ALLOW_REMOTE=1')
    expect(() => assertBindable(remote({ HOLDFAST_ALLOW_REMOTE: '1' }), false)).toThrow('no admin yet')
    expect(() => assertBindable(remote({ HOLDFAST_ALLOW_REMOTE: '1' }), true)).not.toThrow()
    expect(() =>
      assertBindable(remote({ HOLDFAST_ALLOW_REMOTE: '1', HOLDFAST_ADMIN_TOKEN: TOKEN }), false),
    ).not.toThrow()
  })

  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost', '::ffff:127.0.0.1'])('is not what %s does', (host) => {
    expect(() => assertBindable(parseConfig({ HOLDFAST_HOST: host }), false)).not.toThrow()
  })

  it.each(['0.0.0.0', '::', '192.168.1.4', '::127.0.0.1', 'example.org', '::ffff:10.0.0.1'])(
    'is what %s does',
    (host) => {
      expect(() => assertBindable(parseConfig({ HOLDFAST_HOST: host }), true)).toThrow(ValidationError)
    },
  )
})
