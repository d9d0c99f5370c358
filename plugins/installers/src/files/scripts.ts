import { quote } from '../ssh/index.js';

/**
 * What is done on a node with a file PATH. Beside it may be:
 * - `PATH.doctor-orig`: the original, with its mode, owner and times; while it exists, PATH is Doctor's
 * - `PATH.doctor-none`: there was no such file
 * - `PATH.doctor-part`: half of a copy, worth nothing
 * Each step that counts is one rename, so that whatever ends the script leaves either the state before it or the one after it.
 */
export const SUFFIX = { original: '.doctor-orig', none: '.doctor-none', part: '.doctor-part' } as const;

/** A link leads elsewhere: what it leads to is changed, and the link stays. */
const start = (path: string) => `set -eu
p=${quote(path)}
if [ -e "$p" ]; then p=$(readlink -f "$p"); fi
o="$p${SUFFIX.original}" n="$p${SUFFIX.none}" t="$p${SUFFIX.part}"
`;

/** Writes the original to standard output, whether the file is changed at the moment or not; code 3 when there is none. */
export const readScript = (path: string): string => `${start(path)}
if [ -e "$o" ]; then cat "$o"; elif [ -e "$n" ]; then exit 3; elif [ -e "$p" ]; then cat "$p"; else exit 3; fi`;

/**
 * Replaces the file by standard input, which must have `bytes` bytes: a connection that breaks ends the input early.
 * A new file gets the mode and owner of its folder's, without the right to execute.
 */
export const writeScript = (path: string, bytes: number): string => `${start(path)}
if [ ! -e "$o" ] && [ ! -e "$n" ]; then
  if [ -e "$p" ]; then cp -p "$p" "$t"; sync "$t" 2>/dev/null || sync; mv -f "$t" "$o"; else : > "$n"; fi
fi
if [ -e "$o" ]; then cp -p "$o" "$t"; else (umask 022; : > "$t"); chown --reference="$(dirname "$p")" "$t"; fi
cat > "$t"
[ "$(wc -c < "$t")" -eq ${bytes} ] || { rm -f "$t"; echo "the connection broke before the file was whole" >&2; exit 4; }
sync "$t" 2>/dev/null || sync
mv -f "$t" "$p"`;

/** Puts the originals back; says `restored PATH` for each that there was one for. */
export const restoreScript = (paths: readonly string[]): string =>
  paths
    .map(
      (path) => `${start(path)}
rm -f "$t"
if [ -e "$o" ]; then mv -f "$o" "$p"; echo ${quote(`restored ${path}`)}; fi
if [ -e "$n" ]; then rm -f "$p"; rm -f "$n"; echo ${quote(`restored ${path}`)}; fi`,
    )
    .join('\n');

/** Prints the first path that exists, as it is now or as it was; code 3 when none does. */
export const findScript = (paths: readonly string[]): string =>
  `for p in ${paths.map(quote).join(' ')}; do
if [ -e "$p" ] || [ -e "$p${SUFFIX.original}" ]; then echo "$p"; exit 0; fi
done
exit 3`;

/** Prints the first path whose folder exists; code 3 when none does. */
export const placeScript = (paths: readonly string[]): string =>
  `for p in ${paths.map(quote).join(' ')}; do
if [ -d "$(dirname "$p")" ]; then echo "$p"; exit 0; fi
done
exit 3`;
