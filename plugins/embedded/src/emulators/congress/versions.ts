const UPDATED = '2013-08-12T17:42:13Z';

/** The version documents: `/` and `/v1`; another version is answered with the choices. */
export function versionAnswer(path: string, base: string): { status: number; body: unknown } | undefined {
  const version = (rest: string) => ({
    id: 'v1',
    status: 'CURRENT',
    updated: UPDATED,
    links: [{ rel: 'self', href: `${base}/v1/${rest}` }] as unknown[],
  });
  if (path === '/') return { status: 200, body: { versions: [version('')] } };
  if (path === '/v1') {
    const described = { rel: 'describedby', type: 'text/html', href: 'http://congress.readthedocs.org/' };
    const own = version('');
    return { status: 200, body: { version: { ...own, links: [...own.links, described] } } };
  }
  if (path.startsWith('/v1/')) return undefined;
  return { status: 300, body: { choices: [version(path.slice(1))] } };
}
