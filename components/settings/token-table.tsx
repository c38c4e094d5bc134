import { Ago } from '@/components/ui/ago'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { Table, Td, Th } from '@/components/ui/table'
import type { Scope } from './scopes'
import { TokenEnd } from './token-end'

export interface TokenRow {
  id: string
  name: string
  prefix: string
  scopes: Scope[]
  services: string[] | null
  createdAt: number
  createdBy: string
  expiresAt: number | null
  revokedAt: number | null
  lastUsedAt: number | null
}

export function TokenTable({ tokens, onRevoke }: { tokens: readonly TokenRow[]; onRevoke: (token: TokenRow) => void }) {
  // What works stands above what does not any more.
  const sorted = [...tokens].sort((a, b) => Number(a.revokedAt !== null) - Number(b.revokedAt !== null))
  return (
    <Table label="All service tokens">
      <thead>
        <tr>
          <Th>Name</Th>
          <Th className="max-sm:hidden">Begins with</Th>
          <Th className="max-sm:hidden">May</Th>
          <Th className="max-sm:hidden">Services</Th>
          <Th className="max-sm:hidden">Last used</Th>
          <Th className="max-sm:hidden">Works</Th>
          <Th className="max-sm:hidden">Created</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((token) => (
          <tr key={token.id} className={cn(token.revokedAt !== null && 'text-muted')}>
            <Td className="font-medium max-sm:w-full max-sm:whitespace-normal max-sm:py-2">
              {token.name}
              <span className="block text-xs font-normal text-muted sm:hidden">
                <span className="mono">{token.prefix}…</span> {token.scopes.join(', ')}
                {token.services === null ? '' : `; only ${token.services.join(', ')}`}
              </span>
              <span className="block text-xs font-normal sm:hidden">
                <TokenEnd token={token} />
              </span>
            </Td>
            <Td className="mono whitespace-nowrap text-xs text-muted max-sm:hidden">{token.prefix}…</Td>
            <Td className="whitespace-normal max-sm:hidden">
              <span className="flex flex-wrap gap-1 py-1.5 xl:flex-nowrap xl:py-0">
                {token.scopes.map((scope) => (
                  <Badge key={scope}>{scope}</Badge>
                ))}
              </span>
            </Td>
            <Td className="whitespace-normal max-sm:hidden">
              {token.services === null ? <span className="text-muted">any</span> : token.services.join(', ')}
            </Td>
            <Td className="whitespace-nowrap text-muted max-sm:hidden">
              {token.lastUsedAt === null ? 'never' : <Ago at={token.lastUsedAt} />}
            </Td>
            <Td className="whitespace-nowrap max-sm:hidden">
              <TokenEnd token={token} />
            </Td>
            <Td className="whitespace-nowrap text-muted max-sm:hidden" title={token.createdBy}>
              <Ago at={token.createdAt} />
            </Td>
            <Td className="text-right">
              {token.revokedAt === null ? (
                <Button
                  size="sm"
                  variant="danger"
                  aria-label={`Revoke the token ${token.name}`}
                  onClick={() => onRevoke(token)}
                >
                  Revoke
                </Button>
              ) : null}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
