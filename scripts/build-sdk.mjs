// Builds @holdfast/sdk into sdk/dist: its entries bundled with core/, and the declarations that its users' compilers
// need.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { gather, write } from './declarations.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, 'sdk', 'dist')
const EXTERNALS = new Set(['@trpc/client', '@trpc/server', '@trpc/server/observable', 'ws'])
/** Types that the declarations may name from packages; all of these packages are dependencies of the SDK. */
const TYPES = /^(node:|@trpc\/(client|server)(\/|$))/

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: 'sdk/index.ts', testing: 'sdk/testing/index.ts' },
    outdir: 'sdk/dist',
    bundle: true,
    // One copy of every class: what a handler throws is known to both.
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  })
  for (const input of Object.keys(metafile.inputs)) {
    if (!/^(sdk|core)\//.test(input)) throw new Error(`the SDK must not contain ${input}`)
    for (const { path } of metafile.inputs[input].imports.filter((i) => i.external)) {
      if (!path.startsWith('node:') && !EXTERNALS.has(path))
        throw new Error(`${input} imports ${path}, which the SDK does not depend on`)
    }
  }
}

function emitDeclarations(folder) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '-p', join(root, 'sdk', 'tsconfig.build.json'), '--outDir', folder]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the SDK's declarations cannot be made:\n${stdout}${stderr}`)
}

/** The server's router as its users see it: what it is made with inside is none of their business. */
function withoutContext(path, text) {
  if (path !== join('server', 'api', 'root.d.ts')) return text
  return text.replaceAll('import("./context.ts").Context', 'object').replaceAll('import("./trpc.ts").Meta', 'object')
}

export async function buildSdk() {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  const scratch = mkdtempSync(join(root, 'node_modules', '.cache', 'sdk-types-'))
  try {
    await bundle()
    emitDeclarations(scratch)
    const files = gather({
      from: scratch,
      entries: [join('sdk', 'index.d.ts'), join('sdk', 'testing', 'index.d.ts')],
      whole: (path) => path.startsWith('sdk'),
      known: (specifier) => TYPES.test(specifier),
      rewrite: withoutContext,
    })
    write(join(out, 'types'), files)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildSdk().catch((error) => {
    console.error(`holdfast: ${error.message}`)
    process.exit(1)
  })
}
