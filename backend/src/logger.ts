import { pino, type Logger } from 'pino'

/** A failed statement's message ends with its parameters, and those may be somebody's name. */
const withoutValues = (text: string | undefined): string | undefined => text?.split('\nparams:')[0]

/** What is told of an error: its type, its words without values, where it came from, and what caused it. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: typeof error }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: withoutValues(error.message),
    stack: withoutValues(error.stack),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  }
}

/** The same for the terminal, when a process ends with it. */
export const lastWords = (error: unknown): string =>
  (error instanceof Error ? withoutValues(error.stack ?? error.message) : undefined) ?? String(error)

/** JSON lines on standard output; no personal data and no secrets. */
export const createLogger = (level: string, process: string): Logger =>
  pino({ level, base: { process }, serializers: { err: describeError } })
