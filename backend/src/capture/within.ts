/** Resolves as `work` does, or rejects after `ms`: nobody waits for ever for a log that answers nothing at all. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms; whether it was written is unknown.`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
