const VERSION = /\/v\d+(\.\d+)?(?=\/|$)/;
const LEADING_VERSION = /^\/v\d+(\.\d+)?(?=\/|$)/;

/** An endpoint, taken apart once so that a request only joins texts. */
export interface Endpoint {
  url: URL;
  origin: string;
  /** Without a trailing slash. */
  basePath: string;
  versioned: boolean;
}

export function parseEndpoint(text: string): Endpoint {
  const url = new URL(text);
  const basePath = url.pathname.replace(/\/+$/, '');
  return { url, origin: url.origin, basePath, versioned: VERSION.test(basePath) };
}

/**
 * Path on the server. Catalogs name endpoints with or without the API's version: `/v2.0/ports` fits both
 * `http://neutron:9696` and `http://neutron:9696/v2.0`.
 */
export function pathOf(endpoint: Endpoint, path: string, query?: Query): string {
  const own = endpoint.versioned && LEADING_VERSION.test(path) ? path.replace(LEADING_VERSION, '') : path;
  return endpoint.basePath + own + queryText(query);
}

/** The path of the document that says which versions the API has. */
export function versionPath(endpoint: Endpoint): string {
  const match = VERSION.exec(endpoint.basePath);
  return match ? `${endpoint.basePath.slice(0, match.index + match[0].length)}/` : `${endpoint.basePath}/`;
}

export type Query = Record<string, string | number | boolean | undefined>;

function queryText(query: Query | undefined): string {
  if (!query) return '';
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) parameters.append(key, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
