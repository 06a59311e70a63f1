import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Chromium as it is installed, without what it would ask of the network by itself. A missing one is a failure, not a skip. */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(
      `There is no Chromium at ${executablePath}: install it (on Debian: apt-get install chromium), or set CHROMIUM to its path.`,
    )
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', // tests run as root in containers
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-device-for-media-stream', // a camera that shows a clock
      '--use-fake-ui-for-media-stream',
    ],
  })
}
