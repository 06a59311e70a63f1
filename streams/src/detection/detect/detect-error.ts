/** Why a run of rules over events cannot go on, as a sentence that says where and what to do. */
export class DetectError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DetectError'
  }
}
