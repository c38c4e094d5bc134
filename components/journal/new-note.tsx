import { ArrowUp } from 'lucide-react'

/** New entries wait above the list until they are asked for, so that nothing moves under a reader's eyes. */
export function NewNote({ count, more, onShow }: { count: number; more?: boolean; onShow: () => void }) {
  return (
    <div className="pointer-events-none absolute inset-x-0 top-2 z-20 @2xl:-top-7.5 flex justify-center" role="status">
      {count > 0 ? (
        <button
          type="button"
          onClick={onShow}
          className="pointer-events-auto inline-flex items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3 py-1 text-xs font-medium text-accent shadow-float hover:bg-accent-soft"
        >
          <ArrowUp className="size-3.5" aria-hidden />
          {more ? `${count} and more new entries` : count === 1 ? '1 new entry' : `${count} new entries`}
        </button>
      ) : null}
    </div>
  )
}
