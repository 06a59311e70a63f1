import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  begin(total: number): void
  step(): void
  end(): void
}

/** A bar where somebody watches, a line now and then where it goes to a file. */
export const progressOn = (stream: NodeJS.WriteStream): Progress => (stream.isTTY ? bar(stream) : plainLines(stream))

function bar(stream: NodeJS.WriteStream): Progress {
  const format = 'Customers {bar} {percentage} %  {value}/{total}  {duration_formatted}, {eta_formatted} to go'
  const shown = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 200 }, Presets.shades_classic)
  return { begin: (total) => shown.start(total, 0), step: () => shown.increment(), end: () => shown.stop() }
}

function plainLines(stream: NodeJS.WriteStream): Progress {
  let total = 0
  let done = 0
  const tell = () => stream.write(`${done} of ${total} rows\n`)
  return {
    begin: (rows) => void (total = rows),
    step: () => {
      if (++done % Math.max(100, Math.ceil(total / 20)) === 0 && done < total) tell()
    },
    end: () => void (total && tell()),
  }
}
