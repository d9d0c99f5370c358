/** One word of a POSIX shell, whatever `text` holds. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The command in a POSIX shell, whatever the login shell of the user is. */
export const inShell = (command: string): string => `exec /bin/sh -c ${quote(command)}`;

/** The command as root: as it is for root itself, else through `sudo` (which must not ask for a password). */
export const asRoot = (command: string, sudo: string): string =>
  `if [ "$(id -u)" = 0 ]; then ${inShell(command)}; else exec ${sudo} /bin/sh -c ${quote(command)}; fi`;
