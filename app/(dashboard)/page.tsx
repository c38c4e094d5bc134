import type { Metadata } from 'next'
import { Topology } from '@/components/topology/topology'

export const metadata: Metadata = { title: 'Topology' }

/** Home. Services and edges are read by the layout above, so the first paint has them. */
export default function Page() {
  return <Topology />
}
