/** What one check found: `fail` will not work, `warn` works now. */
export interface Finding {
  check: string
  state: 'ok' | 'warn' | 'fail'
  found: string
  /** what to do, where there is something to do */
  todo?: string
}

/** Examines one thing; a rejection is a finding too. */
export interface Check {
  name: string
  /** what to do when it does not answer, or ends with an error */
  otherwise: string
  run(): Promise<Outcome[]>
}

export type Outcome = Omit<Finding, 'check'>

export const ok = (found: string): Outcome => ({ state: 'ok', found })
export const warn = (found: string, todo: string): Outcome => ({ state: 'warn', found, todo })
export const fail = (found: string, todo: string): Outcome => ({ state: 'fail', found, todo })

/** Of a part that this machine brings itself. */
export const notYet = warn('nothing was started here yet', 'the first `custodia start` makes it')

/** Runs one check for a bounded time, whatever it waits for. */
export async function findingsOf({ name, otherwise, run }: Check, boundMs: number): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome[]>((resolve) => {
    timer = setTimeout(() => resolve([fail(`no answer within ${boundMs / 1000} s`, otherwise)]), boundMs)
  })
  const outcomes = await Promise.race([run(), late])
    .catch((error: unknown) => [fail(sentenceOf(error), otherwise)])
    .finally(() => clearTimeout(timer))
  return outcomes.map((outcome) => ({ check: name, ...outcome }))
}

/** The words of an error in one line. Connection strings do not occur in them: drivers name hosts and ports. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return sentenceOf(error.errors[0])
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
}

/** Whether a server's clock is ours, as far as one question and one answer can tell. */
export function clockOutcome(aheadMs: number, exactMs: number): Outcome[] {
  const off = Math.abs(aheadMs) - exactMs
  if (off <= tolerableMs) return []
  const found = `its clock is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`
  const todo = 'let both machines keep time by NTP (chrony, systemd-timesyncd)'
  return [off > intolerableMs ? fail(found, todo) : warn(found, todo)]
}
const tolerableMs = 1000
const intolerableMs = 30_000

export const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`
