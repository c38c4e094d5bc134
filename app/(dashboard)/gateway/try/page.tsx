import type { Metadata } from 'next'
import { TryPage } from './try-page'

export const metadata: Metadata = { title: 'Try a request' }

export default function GatewayTryPage() {
  return <TryPage />
}
