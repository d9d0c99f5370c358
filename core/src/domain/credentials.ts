/** How to authenticate with Keystone v3: by password or by application credential. */
export interface CloudCredentials {
  /** e.g. `http://127.0.0.1:5000/v3`. */
  authUrl: string;
  username?: string;
  userId?: string;
  password?: string;
  userDomainName?: string;
  userDomainId?: string;
  projectName?: string;
  projectId?: string;
  projectDomainName?: string;
  projectDomainId?: string;
  /** `all` for a system scope. */
  systemScope?: 'all';
  applicationCredentialId?: string;
  applicationCredentialName?: string;
  applicationCredentialSecret?: string;
  regionName?: string;
  /** public, internal or admin; default public. */
  interface?: 'public' | 'internal' | 'admin';
  /** PEM file of the certificate authority. */
  cacert?: string;
  /** Do not verify TLS certificates. */
  insecure?: boolean;
  /** Endpoint by service type, instead of the catalog's. */
  endpointOverrides?: Record<string, string>;
}

/** A project with a user in it: the owner of instances and alarms. */
export interface ProjectOwner {
  projectId: string;
  userId: string;
  credentials: CloudCredentials;
}
