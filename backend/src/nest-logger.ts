import type { LoggerService } from '@nestjs/common'
import type { Logger } from 'pino'

/** What the framework itself has to say, as lines of our log: its own would carry whatever an error carries. */
export function nestLogger(logger: Logger): LoggerService {
  const told =
    (level: 'error' | 'warn') =>
    (message: unknown, ...more: unknown[]): void => {
      const context = more.at(-1)
      if (context === 'ExceptionHandler') return // a start that failed: whoever started it says why, in one sentence
      if (message instanceof Error) logger[level]({ context, err: message }, 'the framework met an error')
      else logger[level]({ context }, String(message))
    }
  return { log: () => undefined, error: told('error'), warn: told('warn') }
}
