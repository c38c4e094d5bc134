import { CopyButton } from './copy-button'

/** Something to copy: a command or a few lines of code. */
export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative min-w-0 overflow-hidden rounded-md border border-line bg-sunken text-left">
      <div className="absolute top-0 right-0 bg-sunken p-1">
        <CopyButton text={code} label={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={label}>
        <pre className="w-max p-3 pr-20 text-xs leading-5">
          <code>{code}</code>
        </pre>
      </section>
    </div>
  )
}
