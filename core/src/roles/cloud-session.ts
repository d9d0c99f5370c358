import type { CloudCredentials } from '../domain/credentials.js';
import type { Role } from './role.js';

/** Service types of the catalog that Doctor speaks to. */
export type ServiceType =
  | 'identity'
  | 'compute'
  | 'network'
  | 'image'
  | 'placement'
  | 'alarming'
  | 'rca'
  | 'policy'
  | 'maintenance'
  | (string & {});

export interface CloudRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the service's endpoint, with a leading slash. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  json?: unknown;
  /** Body as it is, instead of `json`. */
  body?: string | Uint8Array;
  headers?: Record<string, string>;
  /** e.g. `2.53`: sent as the service's microversion header. */
  microversion?: string;
  /** Default: the session's. */
  timeoutMs?: number;
  /** Whether it may be sent again after a failure that may have reached the service; default: GET, PUT, DELETE. */
  idempotent?: boolean;
  signal?: AbortSignal;
}

export interface CloudResponse<T = unknown> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: T;
  /** x-openstack-request-id. */
  requestId?: string;
}

/** What Keystone says of a token. */
export interface TokenInfo {
  projectId?: string;
  userId: string;
  roles: string[];
  /** ISO 8601. */
  expiresAt: string;
}

/**
 * An authenticated session with the cloud: token cached, renewed before it expires and once after a 401; catalog looked up once;
 * bounded concurrency per service, time-outs, retries with back-off for idempotent calls and 429/502/503/504.
 * Errors are DoctorError with service, method, URL, status, request id and what the service said; never a token or password.
 */
export interface CloudSession extends Role {
  /** Sends a request and parses the JSON answer. Throws DoctorError `CLOUD_*` unless the status is 2xx. */
  request<T = unknown>(service: ServiceType, request: CloudRequest): Promise<CloudResponse<T>>;
  /** The endpoint of a service, from overrides or the catalog. Throws DoctorError `CLOUD_ENDPOINT_MISSING`. */
  endpoint(service: ServiceType): Promise<URL>;
  /** The highest microversion of the service that is at most `wanted`; throws DoctorError `CLOUD_MICROVERSION` when below `minimum`. */
  negotiate(service: ServiceType, minimum: string, wanted: string): Promise<string>;
  /** A session of another user of the same cloud; shares the connections and ends with this one. */
  as(credentials: Partial<CloudCredentials>): CloudSession;
  /** The user and project that this session is authenticated as. */
  identity(): Promise<TokenInfo>;
  token(): Promise<string>;
  /** Asks Keystone about somebody's token; undefined when it is not valid. Answers are cached for seconds. */
  validate(token: string): Promise<TokenInfo | undefined>;
  /** For reports: no secrets. */
  describe(): { authUrl: string; region?: string; user?: string; project?: string };
}
