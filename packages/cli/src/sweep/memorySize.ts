import { InvalidArgumentError } from 'commander';

/** Parses `512M`, `4G`, or a number of MiB, into bytes. */
export function memorySize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT])?i?B?$/i.exec(text);
  if (!match) throw new InvalidArgumentError('expected memory as 512M or 4G.');
  const power = { K: 1, M: 2, G: 3, T: 4 }[(match[2] ?? 'M').toUpperCase()]!;
  return Math.floor(Number(match[1]) * 1024 ** power);
}
