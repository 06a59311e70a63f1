/** A failure as ClickHouse words it: `Code: 60. DB::Exception: … (UNKNOWN_TABLE)`. */
export class EngineError extends Error {
  constructor(
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'EngineError'
  }
}

export const engineError = (code: number, text: string): EngineError =>
  new EngineError(code, `Code: ${code}. DB::Exception: ${text}`)

/** chdb rejects with the engine's own sentence; anything else is an error of ours and keeps a generic code. */
export const asEngineError = (cause: unknown): EngineError => {
  if (cause instanceof EngineError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = /Code: (\d+)\./.exec(message)?.[1]
  return code
    ? new EngineError(Number(code), message, { cause })
    : new EngineError(1001, `Code: 1001. DB::Exception: ${message} (STD_EXCEPTION)`, { cause })
}

const notFound = new Set([46, 47, 50, 56, 60, 63, 73, 81, 115]) // UNKNOWN_FUNCTION … UNKNOWN_SETTING
const badRequest = new Set([26, 27, 36, 38, 41, 42, 43, 53, 62, 72, 117, 130, 456, 457]) // SYNTAX_ERROR, CANNOT_PARSE_…
const unavailable = new Set([202]) // TOO_MANY_SIMULTANEOUS_QUERIES

/** The HTTP status a ClickHouse server gives an exception code. */
export const httpStatusOf = (code: number): number =>
  notFound.has(code) ? 404 : badRequest.has(code) ? 400 : unavailable.has(code) ? 503 : 500
