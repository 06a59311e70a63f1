import { it } from '@jest/globals'
import type { Visitor } from './visitor.js'

/** The steps of one story, in order: after one has failed the next ones say so at once instead of waiting for what cannot come. */
export function storyOf(visitors: () => readonly Visitor[]) {
  let failed: string | undefined
  return (name: string, act: () => Promise<void>): void =>
    it(name, async () => {
      if (failed) throw new Error(`not tried: “${failed}” failed`)
      try {
        await act()
        const complaints = visitors().flatMap((visitor) => visitor.complaints.map((text) => `${visitor.name}: ${text}`))
        if (complaints.length) throw new Error(`the pages complained:\n${complaints.join('\n')}`)
      } catch (error) {
        failed = name
        for (const visitor of visitors()) await visitor.screenshot(`failed-${visitor.name}`).catch(() => undefined)
        throw error
      }
    })
}
