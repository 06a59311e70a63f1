import { Injectable } from '@nestjs/common'

const patienceMs = 15_000

/** How the gateway asks the supervisor to run or stop the demo process. Without a supervisor there is no demo. */
@Injectable()
export class SupervisorChannel {
  get available(): boolean {
    return process.send !== undefined
  }

  runDemo(): void {
    process.send?.({ demo: 'run' })
  }

  tellSetupCode(setupCode: string): void {
    process.send?.({ setupCode })
  }

  /** Resolves when the demo process has ended. */
  async stopDemo(): Promise<void> {
    if (!this.available) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the demo process did not stop')), patienceMs)
      const listen = (message: unknown) => {
        if ((message as { demo?: unknown }).demo !== 'stopped') return
        clearTimeout(timer)
        process.off('message', listen)
        resolve()
      }
      process.on('message', listen)
      process.send?.({ demo: 'stop' })
    })
  }
}
