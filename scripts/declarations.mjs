// Gathers, out of a tree of declaration files, what the entries' users can reach: whole files inside `whole`, elsewhere
// only the declarations that are named, so that a type of the server brings neither its file nor its libraries along.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const SPECIFIER = /(from\s+|import\()(['"])([^'"]+)\2/g
const INLINE = /import\(["']([^"']+)["']\)\.([A-Za-z_$][\w$]*)/g
const COMMENT = /\/\*[\s\S]*?\*\//g
const IMPORT = /^import (?:type )?\{([^}]*)\} from ['"]([^'"]+)['"];?$/
const REEXPORT = /^export (?:type )?\{([^}]*)\}(?: from ['"]([^'"]+)['"])?;?$/
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|const|function|enum) ([A-Za-z_$][\w$]*)/

/** Has `text`, but for its last line, closed every bracket that it opened? A union's member may be told about at the left edge. */
function closed(text, line) {
  const bare = text.slice(0, -line.length).replace(COMMENT, '')
  return (bare.match(/[({[]/g) ?? []).length === (bare.match(/[)}\]]/g) ?? []).length
}

/** Top-level statements: each begins at the left edge; what closes it or comments it does not. */
function statements(text) {
  const found = []
  for (const line of text.split('\n')) {
    if (line.startsWith('//# sourceMappingURL')) continue
    const begins = /^[A-Za-z]/.test(line)
    const last = found.at(-1)
    if (last && (!begins || last.onlyComment)) {
      last.text += `\n${line}`
      if (begins) last.onlyComment = false
    } else if (line !== '') found.push({ text: line, onlyComment: !begins })
    // A comment belongs to what follows it.
    const current = found.at(-1)
    if (!begins && line.startsWith('/**') && current && !current.onlyComment && closed(current.text, line)) {
      current.text = current.text.slice(0, -line.length - 1)
      found.push({ text: line, onlyComment: true })
    }
  }
  return found.map(({ text: statement }) => statement)
}

/** `A, type B as C` → [['A', 'A'], ['B', 'C']] */
function listed(names) {
  return names.split(',').flatMap((part) => {
    const [name, alias = name] = part
      .trim()
      .replace(/^type /, '')
      .split(/\s+as\s+/)
    return name ? [[name, alias]] : []
  })
}

function parse(file, rewrite) {
  const text = rewrite(file, readFileSync(file, 'utf8'))
  const imports = new Map()
  const reexports = new Map()
  const declared = new Map()
  for (const statement of statements(text)) {
    const bare = statement.replace(COMMENT, '').trim()
    const imported = IMPORT.exec(bare)
    if (imported) {
      for (const [name, local] of listed(imported[1])) imports.set(local, { name, specifier: imported[2] })
      continue
    }
    const again = REEXPORT.exec(bare)
    if (again) {
      for (const [name, alias] of listed(again[1])) reexports.set(alias, { name, specifier: again[2] })
      continue
    }
    const name = DECLARED.exec(bare)?.[1]
    if (name) declared.set(name, [...(declared.get(name) ?? []), statement])
  }
  return { text, imports, reexports, declared }
}

/**
 * `from`: the emitted tree, `entries`: files in it, `whole(path)`: is all of this file public?, `known(specifier)`: may
 * users be expected to have this package?, `rewrite(file, text)`: a last word on a file. Returns a map of path → text.
 */
export function gather({ from, entries, whole, known, rewrite }) {
  const files = new Map()
  const wanted = new Map()
  const queue = entries.map((entry) => [join(from, entry), '*'])

  const load = (file) => {
    if (!files.has(file))
      files.set(
        file,
        parse(file, (path, text) => rewrite(relative(from, path), text)),
      )
    return files.get(file)
  }
  const target = (file, specifier) => {
    if (!specifier.startsWith('.')) {
      if (known(specifier)) return null
      throw new Error(`${relative(from, file)} needs types of "${specifier}", which users of the SDK do not have`)
    }
    const path = resolve(dirname(file), specifier.replace(/\.ts$/, '.d.ts'))
    if (!existsSync(path)) throw new Error(`${relative(from, file)} refers to ${specifier}, which was not made`)
    return path
  }
  const want = (file, name) => {
    const path = relative(from, file)
    queue.push([file, whole(path) ? '*' : name])
  }

  while (queue.length > 0) {
    const [file, name] = queue.pop()
    const names = wanted.get(file) ?? new Set()
    wanted.set(file, names)
    if (names.has(name) || names.has('*')) continue
    names.add(name)
    const { text, imports, reexports, declared } = load(file)
    if (name === '*') {
      for (const [, , , specifier] of text.matchAll(SPECIFIER)) target(file, specifier)
      for (const { name: imported, specifier } of imports.values()) {
        const path = target(file, specifier)
        if (path) want(path, imported)
      }
      for (const { name: exported, specifier } of reexports.values()) {
        const path = specifier === undefined ? null : target(file, specifier)
        if (path) want(path, exported)
      }
    }
    const parts = name === '*' ? [text] : declared.get(name)
    if (!parts) {
      const exported = reexports.get(name)
      if (exported && exported.specifier === undefined && exported.name !== name) {
        want(file, exported.name)
        continue
      }
      const imported = exported?.specifier === undefined ? imports.get(name) : exported
      if (!imported) throw new Error(`${relative(from, file)} does not declare ${name}`)
      const path = target(file, imported.specifier)
      if (path) want(path, imported.name)
      continue
    }
    for (const part of parts) {
      const bare = part.replace(COMMENT, '')
      for (const [, specifier, inline] of bare.matchAll(INLINE)) {
        const path = target(file, specifier)
        if (path) want(path, inline)
      }
      if (name === '*') continue
      for (const [identifier] of bare.matchAll(/[A-Za-z_$][\w$]*/g)) {
        if (identifier !== name && (declared.has(identifier) || imports.has(identifier))) want(file, identifier)
      }
    }
  }
  return new Map([...wanted].map(([file, names]) => [relative(from, file), print(load(file), names)]))
}

function print({ text, imports, reexports, declared }, names) {
  if (names.has('*')) return extensions(text.replace(/\n?\/\/# sourceMappingURL=.*/, ''))
  const lines = []
  for (const [local, { name, specifier }] of imports) {
    if (names.has(local))
      lines.push(`import type { ${name === local ? name : `${name} as ${local}`} } from '${specifier}';`)
  }
  for (const [name, parts] of declared) if (names.has(name)) lines.push(...parts)
  for (const [alias, { name, specifier }] of reexports) {
    if (!names.has(alias)) continue
    lines.push(
      `export type { ${name === alias ? name : `${name} as ${alias}`} }${specifier ? ` from '${specifier}'` : ''};`,
    )
  }
  return extensions(`${lines.join('\n')}\nexport {};\n`)
}

/** Specifiers that every way of resolving modules understands. */
function extensions(text) {
  return text.replace(SPECIFIER, (whole, before, quote, specifier) =>
    specifier.startsWith('.') ? `${before}${quote}${specifier.replace(/\.ts$/, '.js')}${quote}` : whole,
  )
}

export function write(folder, files) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
