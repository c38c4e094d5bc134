'use client'

import type { NodeProps } from '@xyflow/react'
import { ChevronsLeft } from 'lucide-react'
import type { FrameNode } from './elements'

/** The frame of an open group; a click closes it. */
export function FrameCard({ data }: NodeProps<FrameNode>) {
  return (
    <div className="frame-card">
      <span className="frame-name" title="Click to close the group">
        {data.name} <span className="text-faint">{data.count} services</span>{' '}
        <ChevronsLeft className="size-3.5" aria-hidden />
      </span>
    </div>
  )
}
