// npm test: every check, in order of cost. The last line counts them: `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { ensureNative } from './native.mjs'
import { root } from './sources.mjs'

const reports = join(root, 'node_modules', '.cache', 'holdfast-test')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

const bin = (name) => join(root, 'node_modules', '.bin', name)
const report = (name) => join(reports, `${name}.json`)
const total = { passed: 0, failed: 0 }

function add(passed, failed) {
  total.passed += passed
  total.failed += failed
}

function step(name, command, args, options = {}) {
  console.log(`\nholdfast: ${name}`)
  const started = performance.now()
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...options.env }
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env })
  const counted = options.count?.()
  if (counted) add(counted.passed, counted.failed)
  // A runner that fails without a failed test (a crash, a hook) still counts as one failure.
  if (status !== 0 && !(counted?.failed > 0)) add(0, 1)
  if (status === 0 && !counted) add(1, 0)
  console.log(
    `holdfast: ${name} ${status === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  return status === 0
}

function vitestCount(name) {
  return () => {
    if (!existsSync(report(name))) return null
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report(name), 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  }
}

function playwrightCount() {
  if (!existsSync(report('e2e'))) return null
  const { stats } = JSON.parse(readFileSync(report('e2e'), 'utf8'))
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
}

try {
  ensureNative()
  const chromium = ensureChromium()
  step('types', bin('tsc'), ['--noEmit', '-p', '.'])
  step('lint', bin('biome'), ['check', '.'])
  const reporters = (name) => ['--reporter=default', '--reporter=json', `--outputFile.json=${report(name)}`]
  step('unit and integration tests', bin('vitest'), ['run', '--silent', ...reporters('unit')], {
    count: vitestCount('unit'),
  })
  if (step('build', process.execPath, [join(root, 'scripts', 'build.mjs')])) {
    step(
      'tests of processes',
      bin('vitest'),
      ['run', '--config', 'vitest.process.config.ts', ...reporters('process')],
      {
        count: vitestCount('process'),
      },
    )
    step('end-to-end tests', bin('playwright'), ['test', '--config', 'e2e/playwright.config.ts'], {
      count: playwrightCount,
      env: { HOLDFAST_CHROMIUM: chromium, HOLDFAST_E2E_REPORT: report('e2e') },
    })
  }
} catch (error) {
  console.error(`holdfast: ${error.message}`)
  add(0, 1)
}
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
