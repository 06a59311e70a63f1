import type { Config } from '../../config.js'
import { detectionMemory, forgottenText, memoryText } from '../../triage/detection-memory.js'
import { fail, ok, type Check } from './finding.js'

const patienceMs = 5000
const named = 5

/** How much the windows of rules hold, and of which: rule, mebibytes, keys. */
export const detection = ({ dataDir }: Config): Check => ({
  name: 'detection',
  otherwise: 'see in the log of streams what detection remembers',
  run: async () => {
    const memory = await detectionMemory(dataDir, patienceMs)
    if (!memory) return [ok('no worker runs on this data directory now')]
    const text = `remembers ${memoryText(memory, named)}`
    const forgotten = forgottenText(memory)
    return [
      memory.ok
        ? ok(text)
        : fail(text, 'give it memory (CUSTODIA_DETECTION_MB), or shorten a timespan, or group by less'),
      ...(memory.whole
        ? []
        : [
            fail(
              `full windows forget their oldest entries: ${forgotten}`,
              'shorten these rules’ timespans, or group by more',
            ),
          ]),
    ]
  },
})
