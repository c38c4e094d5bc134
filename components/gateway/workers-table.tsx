import { Ago } from '../ui/ago'
import { formatAge, formatCount, formatShare } from '../ui/figure'
import { StateLabel } from '../ui/state'
import { Table, Td, Th, Tr } from '../ui/table'
import type { GatewayNow } from './use-gateway'
import { workerState } from './words'

/** Who carries the traffic, as each told last. */
export function WorkersTable({ gateway }: { gateway: Pick<GatewayNow, 'workers' | 'revision'> }) {
  const { workers, revision } = gateway
  if (workers.length === 0) {
    return (
      <p className="text-sm text-muted">
        None is connected, so nothing is routed by this control plane. They start with it unless{' '}
        <code className="text-xs">HOLDFAST_GATEWAY_WORKERS</code> is 0.
      </p>
    )
  }
  return (
    <>
      <Table label="Workers of the gateway">
        <thead>
          <tr>
            <Th>State</Th>
            <Th>Worker</Th>
            <Th className="text-right">Revision</Th>
            <Th className="text-right">In flight</Th>
            <Th className="text-right">Connections</Th>
            <Th className="text-right">CPU</Th>
            <Th className="text-right">Memory</Th>
            <Th className="text-right">Started</Th>
            <Th className="text-right">Told</Th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => {
            const behind = worker.revision === null || worker.revision < revision
            return (
              <Tr key={worker.instance}>
                <Td>
                  <StateLabel {...workerState(worker, behind)} />
                </Td>
                <Td>
                  <span className="font-medium">{worker.instance}</span>{' '}
                  <span className="text-xs text-muted">process {worker.pid}</span>
                </Td>
                <Td className="text-right">
                  {worker.revision ?? 'none yet'}
                  {behind ? <span className="text-muted"> of {revision}</span> : null}
                </Td>
                <Td className="text-right">{formatCount(worker.inFlight)}</Td>
                <Td className="text-right">{formatCount(worker.connections)}</Td>
                <Td className="text-right">{formatShare(worker.cpu)}</Td>
                <Td className="text-right">{Math.round(worker.memoryMB)} MB</Td>
                <Td className="text-right text-muted">
                  <Ago at={worker.startedAt} />
                </Td>
                <Td className="text-right text-muted">
                  {worker.ageMs < 2_000 ? 'now' : `${formatAge(worker.ageMs)} ago`}
                </Td>
              </Tr>
            )
          })}
        </tbody>
      </Table>
      {workers.flatMap(({ instance, problems }) =>
        problems.map(({ route, problem }) => (
          <p key={`${instance} ${route}`} className="text-sm text-warning">
            {instance} cannot take {route}: {problem}
          </p>
        )),
      )}
    </>
  )
}
