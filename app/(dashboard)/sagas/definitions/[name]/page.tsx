import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import type { SearchParams } from 'nuqs/server'
import { type DefinitionDetails, DefinitionPage } from '@/components/sagas/definition-page'
import { isMissing } from '@/components/sagas/missing'
import { serverCaller } from '@/components/server-caller'
import type { DefinitionView } from '@/core/saga/view'
import { loadDefinitionParams } from './search-params'

interface Props {
  params: Promise<{ name: string }>
  searchParams: Promise<SearchParams>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Saga ${decodeURIComponent((await params).name)}` }
}

export default async function OneDefinitionPage({ params, searchParams }: Props) {
  const name = decodeURIComponent((await params).name)
  const { version, against } = await loadDefinitionParams(searchParams)
  const caller = await serverCaller()
  const read = (wanted: number | null) =>
    caller.sagas
      .definition({ data: { name, ...(wanted === null ? {} : { version: wanted }) } })
      .catch((error: unknown) => {
        if (isMissing(error)) notFound()
        throw error
      })
  const [details, other] = await Promise.all([read(version), against === null ? null : read(against)])
  return (
    <DefinitionPage
      key={`${name}@${details.definition.version}`}
      details={details as DefinitionDetails}
      against={other ? (other.definition as DefinitionView) : null}
    />
  )
}
