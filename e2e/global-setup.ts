/** One control plane with the demo fleet for all specs, and its first admin signed in by the printed link. */
import { join } from 'node:path'
import { chromium, type FullConfig } from '@playwright/test'
import { firstLink, launch, newFolder, removeFolder } from './launch.ts'
import { ADMIN, ask, until } from './wire.ts'

export const SERVICES = ['storefront', 'orders', 'inventory', 'payments', 'shipping', 'notifications']

export default async function setUp(config: FullConfig): Promise<() => Promise<void>> {
  const folder = newFolder()
  const controlPlane = await launch({ folder, args: ['--demo'] })
  const takeDown = async () => {
    await controlPlane.stop()
    removeFolder(folder)
  }
  try {
    const { url } = controlPlane
    await until('the fleet is registered, with traffic on every edge', 90_000, async () => {
      const { services, edges } = await ask<{
        services: { name: string; health: string }[]
        edges: { ratePerSec: number }[]
      }>(url, ADMIN, 'query', 'telemetry.topology', {})
      const healthy = services.filter(({ health }) => health === 'healthy').map(({ name }) => name)
      return SERVICES.every((name) => healthy.includes(name)) && edges.filter((edge) => edge.ratePerSec > 0).length >= 5
    })
    const state = join(folder, 'signed-in.json')
    const browser = await chromium.launch(config.projects[0]?.use.launchOptions ?? {})
    const page = await browser.newPage()
    await page.goto(firstLink(controlPlane))
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await page.context().storageState({ path: state })
    await browser.close()
    process.env.HOLDFAST_E2E_URL = url
    process.env.HOLDFAST_E2E_STATE = state
  } catch (error) {
    console.error(controlPlane.output())
    await takeDown()
    throw error
  }
  return takeDown
}
