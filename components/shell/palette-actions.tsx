'use client'
import { Keyboard, Link2, LogOut, Monitor, Moon, Pause, Play, Shapes, Sun } from 'lucide-react'
import { usePause, usePaused } from '../live'
import { failed, told } from '../ui/toast'
import { PaletteGroup, PaletteItem, type Run } from './palette-item'
import { signOut } from './sign-out'
import { setTheme, useTheme } from './theme'

/** What can be done from anywhere. */
export function PaletteActions(props: { run: Run; showHelp: () => void; showLegend: () => void }) {
  const { run } = props
  const paused = usePaused()
  const { pause, resume } = usePause()
  const theme = useTheme()
  return (
    <PaletteGroup heading="Actions">
      <PaletteItem
        value={paused ? 'Go on live' : 'Pause: hold what is shown'}
        keywords={['pause', 'live', 'freeze', 'resume']}
        icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        label={paused ? 'Go on live' : 'Pause: hold what is shown'}
        keys="p"
        onSelect={() => run(paused ? resume : pause)}
      />
      {THEMES.filter(({ value }) => value !== theme).map(({ value, label, icon: Icon }) => (
        <PaletteItem
          key={value}
          value={label}
          keywords={['theme', 'appearance']}
          icon={<Icon aria-hidden />}
          label={label}
          onSelect={() => run(() => setTheme(value))}
        />
      ))}
      <PaletteItem
        value="Copy the link to this page"
        keywords={['share', 'url']}
        icon={<Link2 aria-hidden />}
        label="Copy the link to this page"
        onSelect={() => run(() => void copyLink())}
      />
      <PaletteItem
        value="Legend of states"
        keywords={['shapes', 'colours']}
        icon={<Shapes aria-hidden />}
        label="Legend of states"
        keys="l"
        onSelect={() => run(props.showLegend)}
      />
      <PaletteItem
        value="Keyboard shortcuts"
        keywords={['help', 'keys']}
        icon={<Keyboard aria-hidden />}
        label="Keyboard shortcuts"
        keys="?"
        onSelect={() => run(props.showHelp)}
      />
      <PaletteItem
        value="Sign out"
        keywords={['log out', 'leave']}
        icon={<LogOut aria-hidden />}
        label="Sign out"
        onSelect={() => run(() => void signOut())}
      />
    </PaletteGroup>
  )
}

const THEMES = [
  { value: 'light', label: 'Look light', icon: Sun },
  { value: 'dark', label: 'Look dark', icon: Moon },
  { value: 'system', label: 'Look as the system does', icon: Monitor },
] as const

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href)
    told('The link is copied. It opens this very view.')
  } catch {
    failed(`The browser does not let pages copy here. The link is ${location.href}`)
  }
}
