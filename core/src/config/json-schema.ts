import type { Option } from './options.js';

/** The options of one section: of core, or of a role by the type of its plugin. */
export interface SectionSchema {
  name: string;
  doc: string;
  /** Of a core section. */
  options?: readonly Option[];
  /** Of a role: by type. */
  types?: readonly { type: string; doc: string; package: string; options: readonly Option[] }[];
  defaultType?: string;
}

type JsonSchema = Record<string, unknown>;

/** A key without a value counts as not set. */
const leaf = (option: Option): JsonSchema => ({
  description: option.doc,
  anyOf: [option.format.jsonSchema, { type: 'null' }],
  ...(option.default === undefined || option.default === null || option.sensitive
    ? {}
    : { default: option.format.print ? option.format.print(option.default) : option.default }),
});

/** Nested objects of the options below `depth` keys. */
function group(options: readonly Option[], depth: number): JsonSchema {
  const names = new Set(options.map(({ path }) => path[depth] ?? ''));
  const properties: Record<string, JsonSchema> = {};
  for (const name of names) {
    const inside = options.filter(({ path }) => path[depth] === name);
    const [only] = inside;
    properties[name] = only && only.path.length === depth + 1 ? leaf(only) : group(inside, depth + 1);
  }
  return { type: ['object', 'null'], properties, additionalProperties: false };
}

/** Options that go into every type's section, by type; without `type` the default's apply. */
function roleSchema(section: SectionSchema): JsonSchema {
  const types = section.types ?? [];
  const branch = (type: string): JsonSchema => ({
    properties: { type: { const: type } },
    ...(type === section.defaultType ? {} : { required: ['type'] }),
  });
  return {
    description: section.doc,
    type: ['object', 'null'],
    properties: {
      type: {
        description: types.map(({ type, doc }) => `${type}: ${doc}`).join('\n'),
        enum: types.map(({ type }) => type),
        ...(section.defaultType ? { default: section.defaultType } : {}),
      },
    },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    allOf: types.map(({ type, options }) => ({ if: branch(type), then: group(options, 1) })),
  };
}

/** JSON Schema of configuration files, for editors. */
export function configJsonSchema(sections: readonly SectionSchema[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const section of sections) {
    const own = (section.options ?? []).find(({ path }) => path.length === 1);
    if (section.types) properties[section.name] = roleSchema(section);
    else if (own) properties[section.name] = leaf(own);
    else properties[section.name] = { description: section.doc, ...group(section.options ?? [], 1) };
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of Doctor',
    type: ['object', 'null'],
    properties,
    additionalProperties: false,
  };
}
