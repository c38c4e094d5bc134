import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn'

const box =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm text-text placeholder:text-faint transition-colors duration-150 hover:border-faint aria-invalid:border-unhealthy disabled:opacity-50'

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(box, 'h-8', className)} {...props} />
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(box, 'min-h-16 py-1.5', className)} {...props} />
}

/** A label, its control and what is wrong with it. The child gets the ids through the function. */
export function Field(props: {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  className?: string
  children: (control: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': true | undefined
  }) => ReactNode
}) {
  const id = useId()
  const told = props.error ?? props.hint
  return (
    <div className={cn('grid content-start gap-1.5', props.className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {props.label}
      </label>
      {props.children({
        id,
        'aria-describedby': told ? `${id}-told` : undefined,
        'aria-invalid': props.error ? true : undefined,
      })}
      {told ? (
        <p
          id={`${id}-told`}
          className={cn('text-xs', props.error ? 'text-unhealthy' : 'text-muted')}
          role={props.error ? 'alert' : undefined}
        >
          {told}
        </p>
      ) : null}
    </div>
  )
}
