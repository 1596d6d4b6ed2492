import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Zip, ZipDeflate } from 'fflate';
import { pack } from 'tar-stream';

export const ARCHIVE_FORMATS = { zip: 'application/zip', 'tar.gz': 'application/gzip' } as const;
export type ArchiveFormat = keyof typeof ARCHIVE_FORMATS;

interface ArchivedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Files are dated the same in every archive, so that the same files give the same bytes. Zip knows no time zone and no year before 1980. */
const ZIP_TIME = new Date(1980, 0, 1);
const TAR_TIME = new Date(0);
const MODE = 0o644;
/** "Made on Unix", for the file mode in the upper half of the attributes. */
const ZIP_UNIX = 3;

/** Packs files as a stream, one at a time: the event loop is free between two files. */
export function packArchive(files: readonly ArchivedFile[], format: ArchiveFormat): Readable {
  return format === 'zip' ? Readable.from(zipChunks(files)) : tarGz(files);
}

async function* zipChunks(files: readonly ArchivedFile[]): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else ready.push(chunk);
  });
  const take = (): Uint8Array[] => {
    if (failure) throw failure;
    const chunks = ready;
    ready = [];
    return chunks;
  };
  for (const { path, bytes } of files) {
    const entry = new ZipDeflate(path, { level: 6 });
    entry.mtime = ZIP_TIME;
    entry.os = ZIP_UNIX;
    entry.attrs = MODE << 16;
    zip.add(entry);
    entry.push(bytes, true);
    yield* take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  zip.end();
  yield* take();
}

function tarGz(files: readonly ArchivedFile[]): Readable {
  const tar = pack();
  const gzip = createGzip({ level: 6 });
  tar.on('error', (error) => gzip.destroy(error));
  tar.pipe(gzip);
  const add = (index: number): void => {
    const file = files[index];
    if (!file) return tar.finalize();
    const header = { name: file.path, mtime: TAR_TIME, mode: MODE };
    tar.entry(header, Buffer.from(file.bytes), (error) => (error ? tar.destroy(error) : add(index + 1)));
  };
  add(0);
  return gzip;
}
