import type { CongressCall } from './api.js';
import { prettyRule, formatRule, type Value } from './datalog/ast.js';
import type { Row } from './datalog/evaluate.js';
import { traceQuery } from './datalog/trace.js';
import type { DataSource } from './data-source.js';
import { DRIVERS, withoutSecrets } from './drivers.js';
import { CongressError, internal, noResource } from './errors.js';
import type { Policy, StoredRule } from './policy-engine.js';

interface Result {
  status?: number;
  /** Absent: an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}
type Method = (call: CongressCall) => Result | Promise<Result>;

interface Route {
  pattern: RegExp;
  /** Collections are for administrators; of single things only a token is asked. */
  collection: boolean;
  methods: Readonly<Record<string, Method>>;
}

const rowsOf = (rows: Iterable<Row>) => [...rows].map((data) => ({ data }));
const notFound = () => new CongressError(404, 'Not found');
const none = (value: unknown): string => (value === undefined ? 'None' : String(value));

function sourceOf({ core, params }: CongressCall): DataSource {
  const [id = ''] = params;
  const source = core.source(id);
  if (source) return source;
  throw new CongressError(404, `Datasource not found ${id}`);
}

function tableOf(call: CongressCall) {
  const [, table = ''] = call.params;
  const source = sourceOf(call);
  const schema = source.schema.find(({ table_id }) => table_id === table);
  return { source, table, schema };
}

function policyOf({ core, params }: CongressCall): Policy {
  const [name = ''] = params;
  const policy = core.engine.policies.find((one) => one.name === name || one.id === name);
  if (policy) return policy;
  core.engine.rules(name);
  throw noResource();
}

const shown = ({ rule, id, comment, name }: StoredRule, pretty = false) => ({
  rule: pretty ? prettyRule(rule) : formatRule(rule),
  id,
  comment,
  name,
});

const TRACEBACK = '\nTraceback (most recent call last):\n\n  (the emulator has none)\n';

async function act(call: CongressCall): Promise<Result> {
  const action = call.query.get('action');
  const [id = ''] = call.params;
  if (action === null) throw new CongressError(400, 'Missing required action parameter.');
  if (action === 'request-refresh') {
    await sourceOf(call).refresh();
    return { body: null };
  }
  if (action !== 'execute') throw noResource();
  const source = call.core.sources.find(({ record }) => record.name === id);
  if (!source)
    throw new CongressError(400, `Error in execution procedure::Service ${id} not found${TRACEBACK}`, 1016);
  const { name, args } = (call.body ?? {}) as { name?: unknown; args?: { positional?: Value[] } };
  await source.execute(String(name), args?.positional ?? []);
  return { body: {} };
}

async function putRows(call: CongressCall): Promise<Result> {
  const [id = '', table = ''] = call.params;
  const source = call.core.source(id);
  if (!source) {
    await call.patience();
    throw new CongressError(404, `Not Found::service '${id}' could not be found`);
  }
  call.core.push(source, table, call.body);
  return {};
}

function createRule(call: CongressCall): Result {
  const { core, base, body } = call;
  const [policy = ''] = call.params;
  core.engine.rules(policy);
  const { rule, name = null, comment = '' } = (body ?? {}) as Record<string, unknown>;
  if (typeof rule !== 'string') throw internal();
  const stored = core.engine.insert(policy, rule, name as string | null, String(comment ?? ''));
  core.changed();
  return {
    status: 201,
    body: shown(stored, true),
    headers: { Location: `${base}/v1/policies/${policy}/rules/${stored.id}` },
  };
}

function policyRows(call: CongressCall): Result {
  const { core, query, params } = call;
  const policy = policyOf(call);
  const table = params[1] ?? '';
  if (!core.engine.tables(policy.name).includes(table))
    throw new CongressError(404, `Not Found::tablename '${table}' does not exist'`);
  const rows = core.engine.evaluation().table(policy.name, table);
  if (query.get('trace')?.toLowerCase() !== 'true') return { body: { results: rowsOf(rows) } };
  const rules = core.engine.rules(policy.name).map(({ placed }) => placed);
  const arity = rules.find(({ head }) => head.table === table)?.head.args.length ?? 0;
  const trace = traceQuery({ ...policy, rules }, core.engine, table, arity);
  return { body: { results: rowsOf(rows), trace } };
}

const collection = (pattern: RegExp, methods: Route['methods']): Route => ({
  pattern,
  methods,
  collection: true,
});
const single = (pattern: RegExp, methods: Route['methods']): Route => ({
  pattern,
  methods,
  collection: false,
});

/** Every path of API v1 that Doctor and its tests meet. */
export const ROUTES: readonly Route[] = [
  collection(/^\/v1\/data-sources$/, {
    GET: ({ core }) => ({ body: { results: core.sources.map(({ record }) => withoutSecrets(record)) } }),
    POST: ({ core, body, base }) => {
      const { record } = core.addSource(body);
      return {
        status: 201,
        body: record,
        headers: { Location: `${base}/v1/data-sources/${record.id}` },
      };
    },
  }),
  single(/^\/v1\/data-sources\/([^/]+)$/, {
    GET: (call) => ({ body: sourceOf(call).record }),
    POST: act,
    DELETE: async ({ core, params: [id = ''] }) => {
      await core.removeSource(id);
      return { body: null };
    },
  }),
  single(/^\/v1\/data-sources\/([^/]+)\/schema$/, {
    GET: (call) => ({ body: { tables: sourceOf(call).schema } }),
  }),
  single(/^\/v1\/data-sources\/([^/]+)\/status$/, {
    GET: (call) => {
      const { record, lastUpdated, updates } = sourceOf(call);
      return {
        body: {
          last_updated: none(lastUpdated),
          last_error: 'None',
          number_of_updates: String(updates),
          initialized: 'True',
          subscriptions: [],
          subscribers: call.core.engine.uses(record.name) ? ['__engine'] : [],
        },
      };
    },
  }),
  collection(/^\/v1\/data-sources\/([^/]+)\/actions$/, {
    GET: (call) => {
      const results = sourceOf(call).actions();
      if (!results) throw internal();
      return { body: { results } };
    },
  }),
  collection(/^\/v1\/data-sources\/([^/]+)\/tables$/, {
    GET: (call) => ({ body: { results: sourceOf(call).schema.map(({ table_id }) => ({ id: table_id })) } }),
  }),
  single(/^\/v1\/data-sources\/([^/]+)\/tables\/([^/]+)$/, {
    GET: (call) => {
      const { schema, table } = tableOf(call);
      if (!schema) throw notFound();
      return { body: { id: table } };
    },
  }),
  single(/^\/v1\/data-sources\/([^/]+)\/tables\/([^/]+)\/spec$/, {
    GET: (call) => {
      const { schema } = tableOf(call);
      if (!schema) throw notFound();
      return { body: schema };
    },
  }),
  collection(/^\/v1\/data-sources\/([^/]+)\/tables\/([^/]+)\/rows$/, {
    GET: (call) => {
      const { source, table } = tableOf(call);
      const rows = source.tables.get(table);
      if (!rows) throw new CongressError(404, `Not Found::tablename '${table}' does not exist'`);
      return { body: { results: rowsOf(rows) } };
    },
    PUT: putRows,
  }),
  single(/^\/v1\/data-sources\/([^/]+)\/tables\/([^/]+)\/rows\/([^/]+)$/, {}),
  collection(/^\/v1\/policies$/, { GET: ({ core }) => ({ body: { results: core.engine.policies } }) }),
  single(/^\/v1\/policies\/([^/]+)$/, { GET: (call) => ({ body: policyOf(call) }) }),
  collection(/^\/v1\/policies\/([^/]+)\/rules$/, {
    GET: ({ core, params: [policy = ''] }) => ({
      body: { results: core.engine.rules(policy).map((rule) => shown(rule)) },
    }),
    POST: createRule,
  }),
  single(/^\/v1\/policies\/([^/]+)\/rules\/([^/]+)$/, {
    GET: ({ core, params: [policy = '', id] }) => {
      const rule = core.engine.rules(policy).find((one) => one.id === id);
      if (!rule) throw notFound();
      return { body: shown(rule) };
    },
    DELETE: ({ core, params: [policy = '', id = ''] }) => {
      const removed = core.engine.remove(policy, id);
      core.changed();
      return { body: shown(removed) };
    },
  }),
  collection(/^\/v1\/policies\/([^/]+)\/tables$/, {
    GET: (call) => ({
      body: { results: call.core.engine.tables(policyOf(call).name).map((id) => ({ id })) },
    }),
  }),
  collection(/^\/v1\/policies\/([^/]+)\/tables\/([^/]+)\/rows$/, { GET: policyRows }),
  collection(/^\/v1\/system\/drivers$/, {
    GET: () => ({ body: { results: DRIVERS.map(({ id, description }) => ({ id, description })) } }),
  }),
  single(/^\/v1\/system\/drivers\/([^/]+)$/, {
    GET: ({ params: [id = ''] }) => {
      const driver = DRIVERS.find((one) => one.id === id);
      if (driver) return { body: driver };
      throw new CongressError(
        404,
        `Driver not found ${id}. Either not supported or disabled by deployer in Congress config`,
      );
    },
  }),
];
