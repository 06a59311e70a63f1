/** Texts by small numbers, so that windows hold numbers alone. What nobody keeps is forgotten when it is tidied. */
export class Texts {
  /** 0 stands for no text */
  private readonly texts = ['']
  private readonly numbers = new Map<string, number>()
  private holds = new Int32Array(64)
  private readonly free: number[] = []
  /** numbers that nobody kept when they were put here */
  private idle: number[] = []
  private lastText?: string
  private lastNumber = 0

  /** The text's number. It means this text until `tidy`, and longer while it is kept. */
  numberOf(text: string): number {
    if (text === this.lastText) return this.lastNumber
    const number = this.numbers.get(text) ?? this.add(text)
    this.lastText = text
    this.lastNumber = number
    return number
  }

  textOf(number: number): string {
    return this.texts[number] as string
  }

  keep(number: number): void {
    this.holds[number] = (this.holds[number] as number) + 1
  }

  release(number: number): void {
    const left = (this.holds[number] as number) - 1
    this.holds[number] = left
    if (left === 0) this.idle.push(number)
  }

  /** Forgets what nobody keeps. Called between events, when no number is about to be used. */
  tidy(): void {
    this.lastText = undefined
    for (const number of this.idle) {
      if (this.holds[number] !== 0) continue
      this.holds[number] = -1 // a number that became idle twice is forgotten once
      this.numbers.delete(this.texts[number] as string)
      this.texts[number] = ''
      this.free.push(number)
    }
    this.idle = []
  }

  /** how many texts there are */
  get size(): number {
    return this.numbers.size
  }

  private add(text: string): number {
    const number = this.free.pop() ?? this.texts.length
    this.texts[number] = text
    if (number >= this.holds.length) {
      const larger = new Int32Array(this.holds.length * 2)
      larger.set(this.holds)
      this.holds = larger
    }
    this.holds[number] = 0
    this.numbers.set(text, number)
    this.idle.push(number)
    return number
  }
}
