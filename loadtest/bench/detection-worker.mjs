// Detection on a log, with the shipped rules, as the streams process runs it.
import { fileURLToPath } from 'node:url'
import { pino } from '../../node_modules/pino/pino.js'
import { startDetection } from '../../streams/dist/detection/index.js'
import { openPlace } from './place.mjs'

const log = await openPlace(JSON.parse(process.argv[2]), 'bench-detection')
const rulesDirs = [fileURLToPath(new URL('../../streams/rules', import.meta.url))]
await startDetection({ log, rulesDirs, logger: pino({ level: 'silent' }), now: Date.now })
process.send({ result: 'ready' })
process.on('disconnect', () => process.exit())
