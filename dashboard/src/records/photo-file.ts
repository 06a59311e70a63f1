export const photoTypes = ['image/jpeg', 'image/png', 'image/webp'] as const
const mostBytes = 20 * 1024 * 1024

/** What is wrong with a file before it is sent; the server looks at its content again. */
export const photoFileProblem = (file: Pick<File, 'type' | 'size'>): 'type' | 'size' | undefined => {
  if (!(photoTypes as readonly string[]).includes(file.type)) return 'type'
  return file.size > mostBytes ? 'size' : undefined
}

/** When a photo was taken, as far as its file knows; a clock that is ahead does not make it a photo of tomorrow. */
export const capturedAt = (file: Pick<File, 'lastModified'>, now: number): number =>
  file.lastModified > 0 ? Math.min(file.lastModified, now) : now
