/** Who has to do something about an error. */
export type ErrorKind = 'input' | 'plugin' | 'cloud' | 'backend' | 'runtime' | 'internal';

/** The table of error codes: what they mean. docs/reference/errors.md is generated from it. */
export const ERROR_CODES = {
  CONFIG_INVALID: { kind: 'input', doc: 'A configuration value has the wrong type or is not allowed.' },
  CONFIG_UNKNOWN_KEY: { kind: 'input', doc: 'A configuration file has a key that no schema knows.' },
  CONFIG_FILE: { kind: 'input', doc: 'A configuration file cannot be read or is no YAML.' },
  INPUT_INVALID: { kind: 'input', doc: 'A request or an argument has a missing or mistyped field.' },
  NOT_FOUND: { kind: 'input', doc: 'What was asked for does not exist.' },
  METHOD_NOT_ALLOWED: {
    kind: 'input',
    doc: 'The path exists, but not with this method (Allow lists those it has).',
  },
  MEDIA_TYPE: { kind: 'input', doc: 'The body is not application/json.' },
  BODY_TOO_LARGE: { kind: 'input', doc: 'The body is over the limit.' },
  CONFLICT: { kind: 'input', doc: 'The request contradicts the present state.' },
  UNAUTHORIZED: { kind: 'input', doc: 'A token is missing or not valid.' },
  FORBIDDEN: { kind: 'input', doc: 'The caller may not do this.' },
  PORT_IN_USE: { kind: 'input', doc: 'The address to listen on is taken.' },
  FILE_UNWRITABLE: { kind: 'input', doc: 'A folder or file cannot be written.' },

  PLUGIN_NOT_FOUND: { kind: 'plugin', doc: 'No installed plugin provides the selected type.' },
  PLUGIN_SHAPE: { kind: 'plugin', doc: 'The package does not export what definePlugin returns.' },
  PLUGIN_NAME: { kind: 'plugin', doc: "The plugin's name is not valid or taken." },
  PLUGIN_API_VERSION: { kind: 'plugin', doc: 'The plugin was built for another version of the plugin API.' },
  PLUGIN_DEPENDENCY: {
    kind: 'plugin',
    doc: 'A dependency of the plugin cannot be provided, or is circular.',
  },
  PLUGIN_CONFIG: { kind: 'plugin', doc: "The plugin's configuration schema is not valid." },
  PLUGIN_LOAD: { kind: 'plugin', doc: 'The plugin threw while it was loaded.' },
  PLUGIN_CREATE: { kind: 'plugin', doc: 'The plugin threw while its role was created.' },
  PLUGIN_START: { kind: 'plugin', doc: 'The role did not start.' },
  PLUGIN_STOP: {
    kind: 'plugin',
    doc: 'The role did not stop cleanly; the message says what it left behind.',
  },
  PLUGIN_TIMEOUT: { kind: 'plugin', doc: 'The role did not start or stop within its time-out.' },

  CLOUD_AUTH: { kind: 'cloud', doc: 'Keystone refused the credentials.' },
  CLOUD_UNREACHABLE: { kind: 'cloud', doc: 'A service of the cloud does not answer.' },
  CLOUD_ENDPOINT_MISSING: { kind: 'cloud', doc: 'The catalog has no endpoint for the service.' },
  CLOUD_MICROVERSION: { kind: 'cloud', doc: 'The service is too old for what is needed.' },
  CLOUD_BAD_REQUEST: { kind: 'cloud', doc: 'The service refused the request (400).' },
  CLOUD_FORBIDDEN: { kind: 'cloud', doc: 'The user may not do this (403).' },
  CLOUD_NOT_FOUND: { kind: 'cloud', doc: 'The resource does not exist (404).' },
  CLOUD_CONFLICT: { kind: 'cloud', doc: "The resource's state does not allow it (409)." },
  CLOUD_OVER_LIMIT: { kind: 'cloud', doc: 'Quota or rate limit (413, 429).' },
  CLOUD_ERROR: { kind: 'cloud', doc: 'The service failed (5xx) or answered what it should not.' },
  CLOUD_TIMEOUT: { kind: 'cloud', doc: 'The service did not answer in time.' },

  BACKEND_UNREACHABLE: {
    kind: 'backend',
    doc: 'A foreign system (inspector, admin tool, broker, node) does not answer.',
  },
  BACKEND_ERROR: { kind: 'backend', doc: 'A foreign system answered with an error.' },
  BACKEND_PROTOCOL: { kind: 'backend', doc: 'A foreign system answered something that is not its protocol.' },

  MAINTENANCE_REFUSED: {
    kind: 'input',
    doc: 'A maintenance session cannot be created; details.reasons has all the reasons.',
  },
  MAINTENANCE_LATE: { kind: 'input', doc: 'An answer came after its deadline.' },

  TIMEOUT: { kind: 'runtime', doc: 'What was awaited did not come in time.' },
  ABORTED: { kind: 'runtime', doc: 'Interrupted on request.' },
  STORE: { kind: 'runtime', doc: 'The database cannot be read or written.' },
  CHECK_FAILED: { kind: 'runtime', doc: 'A check of a scenario failed.' },
  INTERNAL: { kind: 'internal', doc: 'A defect in Doctor.' },
} as const satisfies Record<string, { kind: ErrorKind; doc: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
