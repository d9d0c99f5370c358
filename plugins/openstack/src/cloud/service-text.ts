const LONGEST = 500;

/**
 * What a service said about an error, as one line without markup. Nova answers `{"conflictingRequest": {"message"}}`,
 * Neutron `{"NeutronError": {"message"}}`, Keystone `{"error": {"message"}}`, Aodh `{"error_message": {"faultstring"}}`,
 * placement `{"errors": [{"detail"}]}`, Glance and proxies HTML.
 */
export function serviceText(body: string): string {
  const text = jsonText(body) ?? htmlText(body);
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function jsonText(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return messageIn(value, 0) ?? body;
}

const KEYS = ['message', 'faultstring', 'detail', 'error_message', 'description', 'title'];

function messageIn(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 3) return undefined;
  const record = value as Record<string, unknown>;
  for (const key of KEYS) {
    const found = key in record ? messageIn(record[key], depth + 1) : undefined;
    if (found) return found;
  }
  for (const nested of Object.values(record))
    if (typeof nested === 'object') {
      const found = messageIn(nested, depth + 1);
      if (found) return found;
    }
  return undefined;
}

function htmlText(body: string): string {
  return body
    .replace(/<(script|style|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
