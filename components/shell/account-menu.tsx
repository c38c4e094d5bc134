'use client'
import { KeyRound, LogOut, Monitor, Moon, Shapes, Sun } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Menu } from '../ui/menu'
import { useSession } from './session'
import { signOut } from './sign-out'
import { setTheme, type Theme, useTheme } from './theme'

const THEMES = [
  { value: 'light', label: 'Light', icon: <Sun aria-hidden /> },
  { value: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
  { value: 'system', label: 'As the system', icon: <Monitor aria-hidden /> },
]

/** Who is signed in, and what is theirs alone. */
export function AccountMenu({ showLegend }: { showLegend: () => void }) {
  const session = useSession()
  const router = useRouter()
  const theme = useTheme()
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`Account of ${session.name}`}
          className="ml-1 grid size-7 place-items-center rounded-full border border-line-strong bg-sunken text-xs font-medium uppercase transition-colors duration-150 hover:border-faint"
        >
          {session.name.slice(0, 1)}
        </button>
      }
      header={
        <>
          <div className="font-medium">{session.name}</div>
          <div className="text-xs text-muted">signed in as {session.role}</div>
        </>
      }
      items={[
        { label: 'Your account', icon: <KeyRound aria-hidden />, onSelect: () => router.push('/settings/account') },
        { label: 'Legend of states', icon: <Shapes aria-hidden />, onSelect: showLegend },
        null,
        { label: 'Appearance', options: THEMES, value: theme, onChange: (value) => setTheme(value as Theme) },
        null,
        { label: 'Sign out', icon: <LogOut aria-hidden />, onSelect: () => void signOut() },
      ]}
    />
  )
}
