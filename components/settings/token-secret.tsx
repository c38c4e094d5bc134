'use client'
import { useSession } from '@/components/shell/session'
import { Button } from '@/components/ui/button'
import { Snippet } from '@/components/ui/snippet'
import { curlSnippet, sdkSnippet } from './snippets'
import type { Created } from './token-form'

/** A new token's secret, this once, with code that uses it. */
export function TokenSecret({ created, onDone }: { created: Created; onDone: () => void }) {
  const { url } = useSession()
  const filled = { url, token: created.secret, scopes: created.scopes, service: created.services?.[0] ?? null }
  return (
    <div className="grid min-w-0 gap-4">
      <div className="grid gap-1.5">
        <h3 className="text-sm font-medium">The token</h3>
        <Snippet code={created.secret} label="token" />
      </div>
      {created.scopes.includes('registry:read') ? (
        <div className="grid gap-1.5">
          <h3 className="text-sm font-medium">
            {created.scopes.includes('registry:write') ? 'A service that takes part' : 'A process that looks'}
          </h3>
          <Snippet code={sdkSnippet(filled)} label="code with the SDK" />
        </div>
      ) : null}
      <div className="grid gap-1.5">
        <h3 className="text-sm font-medium">See that it works</h3>
        <Snippet code={curlSnippet(filled)} label="curl command" />
      </div>
      <div className="flex justify-end">
        <Button variant="primary" onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </div>
  )
}
