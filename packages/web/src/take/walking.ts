import type { Dropped } from '../lab/shell.svelte.js';
import type { Found } from './brought.js';

/** A folder of a run has a handful of files, a model's a few hundred. */
const MOST_FILES = 2000;
const MOST_DEPTH = 6;

/** Every file of a drop, folders walked through; no more than a bounded number. */
export async function filesOf({ entries, files }: Dropped): Promise<Found[]> {
  if (entries.length === 0) return fromList(files);
  const found: Found[] = [];
  const folders: { entry: FileSystemDirectoryEntry; path: string; depth: number }[] = [];
  const take = async (entry: FileSystemEntry, path: string, depth: number) => {
    if (entry.isDirectory)
      folders.push({ entry: entry as FileSystemDirectoryEntry, path: `${path}${entry.name}/`, depth });
    else if (found.length < MOST_FILES)
      found.push({ path: `${path}${entry.name}`, file: await fileOf(entry as FileSystemFileEntry) });
  };
  for (const entry of entries) await take(entry, '', 0);
  for (let at = 0; at < folders.length && found.length < MOST_FILES; at++) {
    const { entry, path, depth } = folders[at]!;
    if (depth >= MOST_DEPTH) continue;
    const reader = entry.createReader();
    // A reader gives a hundred entries at a time, and none when there are no more.
    for (let list = await listOf(reader); list.length > 0; list = await listOf(reader)) {
      for (const each of list) await take(each, path, depth + 1);
      if (found.length >= MOST_FILES) break;
    }
  }
  return found;
}

/** Files chosen with a dialog, with their paths where it was a folder. */
export function fromList(files: readonly File[]): Found[] {
  return files.slice(0, MOST_FILES).map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function listOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
