const SPECIAL = /[.+^${}()|\\]/g;

/** A shell pattern (`*`, `?`, `[seq]`, `[!seq]`) as Python's fnmatch takes it. */
export function fnmatchRegExp(pattern: string): RegExp {
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '*') {
      // several in a row mean the same as one, and cost exponentially
      if (!out.endsWith('.*')) out += '.*';
    } else if (char === '?') out += '.';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + (pattern[at + 1] === '!' ? 3 : 2));
      if (end < 0) out += '\\[';
      else {
        const set = pattern
          .slice(at + 1, end)
          .replaceAll('\\', '\\\\')
          .replaceAll('[', '\\[')
          .replace(/^\^/, '\\^');
        out += `[${set.replace(/^!/, '^')}]`;
        at = end;
      }
    } else out += char.replace(SPECIAL, '\\$&');
  }
  try {
    return new RegExp(`^${out}$`, 's');
  } catch {
    // a set such as [z-a], which matches nothing
    return /$^/;
  }
}

export const isPattern = (text: string): boolean => /[*?[]/.test(text);
