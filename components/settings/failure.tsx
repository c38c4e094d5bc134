/** What went wrong with a form, above its buttons. */
export function Failure({ message }: { message: string | null }) {
  if (message === null) return null
  return (
    <p role="alert" className="rounded-md bg-unhealthy-soft px-2.5 py-2 text-sm text-unhealthy">
      {message}
    </p>
  )
}
