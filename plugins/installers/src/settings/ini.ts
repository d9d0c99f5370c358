interface Line {
  text: string;
  section: string;
  /** Key of an option; also of the lines that continue its value. */
  key?: string;
  value?: string;
  continues?: boolean;
}

/** Lines of an oslo.config file, so that all that is not changed stays as it is. */
function parse(text: string): Line[] {
  let section = '';
  let key: string | undefined;
  return text.split(/(?<=\n)/).map((line): Line => {
    const bare = line.replace(/\r?\n$/, '');
    const header = /^\[([^\]]+)\]/.exec(bare);
    if (header) {
      section = header[1] ?? '';
      key = undefined;
      return { text: line, section };
    }
    if (/^\s*$/.test(bare)) key = undefined;
    else if (/^\s/.test(bare) && key !== undefined)
      return { text: line, section, key, value: bare.trim(), continues: true };
    const option = /^([^#;\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(bare);
    if (!option) return { text: line, section };
    key = option[1] ?? '';
    return { text: line, section, key, value: (option[2] ?? '').trim() };
  });
}

/** Value of an option, its continued lines joined by a newline; of one that stands twice, the last; undefined when not set. */
export function optionOf(text: string, section: string, key: string): string | undefined {
  let value: string | undefined;
  for (const line of parse(text)) {
    if (line.section !== section || line.key !== key) continue;
    value = line.continues && value !== undefined ? `${value}\n${line.value ?? ''}` : line.value;
  }
  return value;
}

/** The text with the option set once, where it stood (its last place) or at the section's head; all else as it was. */
export function withOption(text: string, section: string, key: string, value: string): string {
  if (optionOf(text, section, key) === value) return text;
  const lines = parse(text);
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const set = `${key} = ${value}${ending}`;
  const matches = (line: Line) => line.section === section && line.key === key;
  const last = lines.findLastIndex((line) => matches(line) && !line.continues);
  if (last >= 0)
    return lines
      .flatMap((line, index) => (matches(line) ? (index === last ? [set] : []) : [line.text]))
      .join('');
  const header = lines.findIndex((line) => line.section === section && line.text.startsWith('['));
  if (header >= 0) {
    const at = lines[header]?.text ?? '';
    const ended = at.endsWith('\n') ? at : `${at}${ending}`;
    return lines.map((line, index) => (index === header ? `${ended}${set}` : line.text)).join('');
  }
  const whole = text === '' || text.endsWith('\n') ? text : `${text}${ending}`;
  return `${whole}[${section}]${ending}${set}`;
}
