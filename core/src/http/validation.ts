import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import { DoctorError } from '../errors/index.js';

type Json = Record<string, unknown>;

const usesReferences = (schema: unknown): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  ('$ref' in schema || Object.values(schema).some((value) => usesReferences(value)));

const withoutIds = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withoutIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => key !== '$id' || typeof value !== 'string');
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutIds(value)]));
};

/** The schema without `$id`s, so that one schema can stand in several routes; as it is when it refers to itself. */
export const plainSchema = (schema: unknown): Json =>
  (usesReferences(schema) ? schema : withoutIds(schema)) as Json;

const createAjv = (coerceTypes: false | 'array') => {
  // one error is enough for an answer and bounds the work that a hostile body can cause
  const ajv = new Ajv({ coerceTypes, useDefaults: true, allErrors: false, strict: false });
  ajvFormats.default(ajv);
  return ajv;
};

const pathOf = (error: ErrorObject): string => {
  const segments = error.instancePath.split('/').slice(1);
  const { missingProperty, additionalProperty } = error.params as Record<string, string | undefined>;
  const last = missingProperty ?? additionalProperty;
  if (last !== undefined) segments.push(last);
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
};

const depth = (error: ErrorObject) => error.instancePath.split('/').length;

/** Ajv's errors as one that names the field: the deepest one is the branch of a union that came nearest. */
function describe(errors: ErrorObject[], part: string): DoctorError {
  const first = errors.reduce((best, error) => (depth(error) > depth(best) ? error : best));
  const allowed = errors
    .filter((error) => error.keyword === 'const' && error.instancePath === first.instancePath)
    .map((error) => JSON.stringify(error.params.allowedValue));
  if (first.keyword === 'enum')
    allowed.push(...(first.params.allowedValues as unknown[]).map((value) => JSON.stringify(value)));
  const path = pathOf(first);
  const field = part === 'body' ? path : [part, path].filter(Boolean).join('.');
  const what =
    first.keyword === 'required'
      ? 'is missing'
      : first.keyword === 'additionalProperties'
        ? 'is not known'
        : allowed.length > 0
          ? `must be one of: ${allowed.join(', ')}`
          : (first.message ?? 'is not valid');
  return new DoctorError('INPUT_INVALID', `${field || 'the body'} ${what}`, { details: { field } });
}

/** Bodies are taken strictly as they are; path, query and headers are text and are coerced. */
export function useValidation(app: FastifyInstance): void {
  const strict = createAjv(false);
  const coercing = createAjv('array');
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : coercing).compile(plainSchema(schema)),
  );
  app.setSchemaErrorFormatter((errors, part) =>
    describe(errors as ErrorObject[], part === 'querystring' ? 'query' : part),
  );
}
