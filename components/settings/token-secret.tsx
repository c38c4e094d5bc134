'use client'
import { useSession } from '@/components/shell/session'
import { Snippet } from '@/components/ui/snippet'
import { ShownOnce } from './shown-once'
import { curlSnippet, sdkSnippet } from './snippets'
import type { Created } from './token-form'

/** A new token's secret, this once, with code that uses it. */
export function TokenSecret({ created, onDone }: { created: Created; onDone: () => void }) {
  const { url } = useSession()
  const filled = { url, token: created.secret, scopes: created.scopes, service: created.services?.[0] ?? null }
  return (
    <ShownOnce
      title={`The token ${created.name}`}
      words="Copy it now: it is shown this once, and only its hash is kept."
      onDone={onDone}
    >
      <Snippet code={created.secret} label="token" />
      {created.scopes.includes('registry:read') ? (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
          <h4 className="text-sm font-medium">
            {created.scopes.includes('registry:write') ? 'A service that takes part' : 'A process that looks'}
          </h4>
          <Snippet code={sdkSnippet(filled)} label="code with the SDK" />
        </div>
      ) : null}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
        <h4 className="text-sm font-medium">See that it works</h4>
        <Snippet code={curlSnippet(filled)} label="curl command" />
      </div>
    </ShownOnce>
  )
}
