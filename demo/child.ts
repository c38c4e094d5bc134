/** How one entry of the demo starts another: as a Node process of its own, with a small heap and an IPC channel. */
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Twelve services, measured: 30 to 45 MB of heap and code each; this keeps a leak from eating the machine. */
const HEAP_MB = 64

export function start(
  entry: 'fleet' | 'load',
  args: string[],
  env: Record<string, string>,
  besides: string,
): ChildProcess {
  const path = fileURLToPath(new URL(`./${entry}${extname(fileURLToPath(besides))}`, besides))
  // A loader that runs TypeScript in development is handed on; a debugger's port is not.
  const loader = process.execArgv.filter(
    (arg) => !arg.startsWith('--inspect') && !arg.startsWith('--max-old-space-size'),
  )
  return fork(path, args, {
    execArgv: [...loader, `--max-old-space-size=${HEAP_MB}`],
    env: environment(env),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'json',
  })
}

/** Only what Node itself needs is handed on, besides what is given. */
function environment(given: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...given, UV_THREADPOOL_SIZE: '2' } as Record<string, string>
  for (const name of ['PATH', 'HOME', 'NODE_ENV', 'TZ', 'LANG', 'TMPDIR']) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env as NodeJS.Dict<string> as NodeJS.ProcessEnv
}

/** "by SIGKILL", "with code 1" */
export function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `with code ${code ?? 0}` : `by ${signal}`
}
