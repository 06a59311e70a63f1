export const records = {
  title: 'Customers',
}
