'use client'
import Link from 'next/link'
import { useMay, useSession } from '../shell/session'
import { buttonStyle } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { Snippet } from '../ui/snippet'

const call = (url: string) => `curl -X POST ${url}/api/trpc/gateway.routes.put \\
  -H "authorization: Bearer $HOLDFAST_ADMIN_TOKEN" -H "content-type: application/json" \\
  -d '{"data":{"expectedRevision":0,"reason":"the first route","route":{
        "id":"orders","match":{"path":{"kind":"prefix","value":"/orders"}},
        "targets":[{"service":"orders"}],
        "middleware":[{"use":"request-id"},{"use":"access-log"},{"use":"timeout"}]}}}'`

/** No route yet: how to make one, here or by the API. */
export function EmptyRoutes() {
  const { url } = useSession()
  const { may, why } = useMay('operator')
  return (
    <EmptyState title="The gateway has no route yet">
      <div className="grid min-w-0 gap-3">
        <p>
          A route says which requests it takes, to which service they go, and through which chain of middlewares. Until
          there is one, every request hears 404.
        </p>
        {may ? (
          <p>
            <Link href="/gateway/new" className={buttonStyle({ variant: 'primary' })}>
              Add a route
            </Link>
          </p>
        ) : (
          <p>{why}</p>
        )}
        <p>Or from a script:</p>
        <Snippet label="Command that adds a route" code={call(url)} />
      </div>
    </EmptyState>
  )
}
