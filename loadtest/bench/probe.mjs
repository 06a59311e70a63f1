// Loaded into every process of the system that is measured (NODE_OPTIONS=--import). On SIGUSR2 it writes down the delay of
// the event loop since the last time, and, where asked for, a CPU profile of that stretch.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { basename, dirname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** milliseconds between two looks at the clock; the histogram holds this and the delay */
const resolution = 5
const dir = process.env.BENCH_PROBE_DIR
const named = ['main.js', 'custodia.js'].includes(basename(process.argv[1] ?? ''))
if (dir && named) {
  const folder = basename(dirname(dirname(process.argv[1])))
  const name = basename(process.argv[1]) === 'custodia.js' ? 'supervisor' : folder === 'backend' ? 'gateway' : folder
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  const profiler = process.env.BENCH_PROFILE === name ? new Session() : undefined
  profiler?.connect()
  profiler?.post('Profiler.enable')
  let stretch = 0
  const begin = () => {
    delay.reset()
    profiler?.post('Profiler.start')
  }
  const write = (file, content) => writeFileSync(join(dir, file), JSON.stringify(content))
  process.on('SIGUSR2', () => {
    const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution)
    const facts = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) }
    write(`${name}-${++stretch}.json`, facts)
    profiler?.post('Profiler.stop', (_, { profile }) => write(`${name}-${stretch}.cpuprofile`, profile))
    begin()
  })
  begin()
  write(`${name}.pid`, process.pid)
}
