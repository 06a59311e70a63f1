const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** An invented resident ID number with a right check digit (GB 11643, ISO 7064 MOD 11-2). */
export function idNumber(n) {
  const birth = new Date(Date.UTC(1960, 0, 1) + (n % 14_000) * 86_400_000)
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', '')
  const first = `310000${birth}${String(n % 1000).padStart(3, '0')}`
  const sum = [...first].reduce((total, digit, at) => total + Number(digit) * weights[at], 0)
  return first + '10X98765432'[sum % 11]
}
