/** The mark: a holdfast, the root with which kelp keeps to its rock in any current. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={className}
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      aria-hidden
    >
      <path d="M12 2v9" />
      <path d="M12 11c0 4-3 4-4.5 6.500S5 21 4 21.500M12 11c0 4 3 4 4.500 6.500S19 21 20 21.500M12 11v10.500" />
      <path d="M12 6c2.500-.2 4-1.500 4.500-3.500M12 8.500C9.500 8.300 8 7 7.500 5" />
    </svg>
  )
}
