'use client'
import { ROLES, type Role } from './roles'

/** One role, with what it may do beside each. */
export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 text-sm font-medium text-text">Role</legend>
      {ROLES.map((role) => (
        <label
          key={role.value}
          className="grid grid-cols-[auto_5rem_minmax(0,1fr)] items-baseline gap-2 rounded-md border border-transparent px-2 py-1 text-sm has-checked:border-line-strong has-checked:bg-sunken"
        >
          <input
            type="radio"
            name="role"
            value={role.value}
            checked={value === role.value}
            onChange={() => onChange(role.value)}
            className="translate-y-px accent-(--accent)"
          />
          <span className="font-medium text-text">{role.label}</span>
          <span className="text-muted">{role.words}</span>
        </label>
      ))}
    </fieldset>
  )
}
