// Builds @holdfast/sdk into sdk/dist: one bundle of sdk/ and core/, and the declarations that its users' compilers need.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, 'sdk', 'dist')
const EXTERNALS = new Set(['@trpc/client', '@trpc/server', '@trpc/server/observable', 'ws'])
/** Types that the declarations may name from packages; all of these packages are dependencies of the SDK. */
const TYPES = /^(node:|@trpc\/(client|server)(\/|$))/

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['sdk/index.ts'],
    outfile: 'sdk/dist/index.js',
    bundle: true,
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
      if (!path.startsWith('node:') && !EXTERNALS.has(path)) throw new Error(`${input} imports ${path}, which the SDK does not depend on`)
    }
  }
}

function emitDeclarations(folder) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '-p', join(root, 'sdk', 'tsconfig.build.json'), '--outDir', folder]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the SDK's declarations cannot be made:\n${stdout}${stderr}`)
}

const SPECIFIER = /(from\s+|import\()(['"])([^'"]+)\2/g

/** The server's router as its users see it: what it is made with inside is none of their business. */
function withoutContext(text) {
  return text
    .replaceAll('import("./context.ts").Context', 'object')
    .replaceAll('import("./trpc.ts").Meta', 'object')
    .replace(/^export declare const createCaller:[\s\S]*?;\n(?=export|$)/m, '')
}

/** Copies what is reachable from the entry, with specifiers that every resolution mode understands. */
function collect(from, to) {
  const queue = [join(from, 'sdk', 'index.d.ts')]
  const seen = new Set(queue)
  while (queue.length > 0) {
    const file = queue.pop()
    let text = readFileSync(file, 'utf8')
    if (relative(from, file) === join('server', 'api', 'root.d.ts')) text = withoutContext(text)
    text = text.replace(SPECIFIER, (whole, before, quote, specifier) => {
      if (!specifier.startsWith('.')) {
        if (TYPES.test(specifier)) return whole
        throw new Error(`${relative(from, file)} needs types of "${specifier}", which users of the SDK do not have`)
      }
      const target = resolve(dirname(file), specifier.replace(/\.ts$/, '.d.ts'))
      if (!existsSync(target)) throw new Error(`${relative(from, file)} refers to ${specifier}, which was not made`)
      if (!seen.has(target)) queue.push(target)
      seen.add(target)
      return `${before}${quote}${specifier.replace(/\.ts$/, '.js')}${quote}`
    })
    const path = join(to, relative(from, file))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text.replace(/\n?\/\/# sourceMappingURL=.*/, ''))
  }
  return [...seen].map((file) => relative(from, file))
}

export async function buildSdk() {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  const scratch = mkdtempSync(join(root, 'node_modules', '.cache', 'sdk-types-'))
  try {
    await bundle()
    emitDeclarations(scratch)
    const files = collect(scratch, join(out, 'types'))
    return files
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
