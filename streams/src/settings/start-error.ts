/** Why the system cannot start, as one sentence that says what to do. */
export class StartError extends Error {}

/** Opens what a server is needed for. Where that fails, one sentence names the server, the reason and what to do. */
export async function reaching<T>(server: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(`${server} cannot be used: ${whyOf(cause)}. \`custodia doctor\` tells what to do.`, { cause })
  }
}

/** The same for what says by itself in a sentence why it cannot be used. */
export async function telling<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    throw cause instanceof StartError ? cause : new StartError(`${whyOf(cause)}.`, { cause })
  }
}

/** The first line, without the statement that failed and its values. A host with several addresses fails once for each. */
export function whyOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return whyOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  if (error.message.startsWith('Failed query') && error.cause !== undefined) return whyOf(error.cause)
  const [line = ''] = (error.message || error.name).split('\n')
  return line.replace(/\.$/, '')
}
