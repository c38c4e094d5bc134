import { expect, test } from 'vitest'
import { dagOf } from './dag'

const after = (name: string, ...names: string[]) => ({ name, after: names })

test('each step stands to the right of all that it comes after, none upon another', () => {
  const steps = [after('a'), after('b', 'a'), after('c', 'a'), after('d', 'b', 'c'), after('e', 'a', 'd')]
  const { nodes, edges } = dagOf(steps)
  const x = new Map(nodes.map((node) => [node.name, node.x]))
  for (const step of steps) for (const name of step.after) expect(x.get(name)).toBeLessThan(x.get(step.name) as number)
  expect(new Set(nodes.map((node) => `${node.x}/${node.y}`)).size).toBe(nodes.length)
  expect(edges).toHaveLength(6)
})

test('steps are put near those they come after, so that lines do not cross without need', () => {
  const { nodes } = dagOf([after('a'), after('b'), after('x', 'b'), after('y', 'a')])
  const y = new Map(nodes.map((node) => [node.name, node.y]))
  expect((y.get('x') as number) > (y.get('y') as number)).toBe((y.get('b') as number) > (y.get('a') as number))
})
