import { createHash } from 'node:crypto';
import type { ApiError } from '../http/errors.js';
import { badRequest, conflict, forbidden, notFound } from '../http/errors.js';
import { isObject, type Json } from '../http/body.js';
import { type Call, Service, type ServiceContext } from '../http/service.js';
import { newUuid } from '../ids.js';
import { isoSeconds } from '../time.js';

/** An image in the shape in which the API gives it. */
export interface Image {
  id: string;
  name: string | null;
  owner: string;
  status: string;
  visibility: string;
  protected: boolean;
  min_disk: number;
  min_ram: number;
  tags: string[];
  [field: string]: unknown;
}

/** Glance v2. Image data is measured and hashed, not kept. */
export class Glance {
  readonly service: Service;
  readonly #images = new Map<string, Image>();
  readonly #now: () => number;

  constructor(context: ServiceContext) {
    this.#now = () => context.clock.now();
    this.service = new Service({ name: 'glance', renderError }, context);
    this.#versionRoutes();
    this.#imageRoutes();
  }

  /** The image, if it is there and the caller may use it. */
  find(id: string, call: Call): Image | undefined {
    const image = this.#images.get(id);
    return image !== undefined && mayUse(call, image) ? image : undefined;
  }

  /** Adds an image with data. */
  addImage(name: string, owner: string, data: Buffer): Image {
    const image = this.#blank(owner, {
      name,
      visibility: 'public',
      disk_format: 'raw',
      container_format: 'bare',
    });
    this.#upload(image, data);
    return image;
  }

  #blank(owner: string, given: Json): Image {
    const id = typeof given['id'] === 'string' ? given['id'] : newUuid();
    const now = isoSeconds(this.#now());
    const image: Image = {
      ...given,
      id,
      name: typeof given['name'] === 'string' ? given['name'] : null,
      owner,
      status: 'queued',
      visibility: typeof given['visibility'] === 'string' ? given['visibility'] : 'shared',
      protected: given['protected'] === true,
      container_format: given['container_format'] ?? null,
      disk_format: given['disk_format'] ?? null,
      min_disk: Number(given['min_disk'] ?? 0),
      min_ram: Number(given['min_ram'] ?? 0),
      os_hidden: given['os_hidden'] === true,
      checksum: null,
      os_hash_algo: null,
      os_hash_value: null,
      size: null,
      virtual_size: null,
      tags: Array.isArray(given['tags']) ? given['tags'].map(String) : [],
      created_at: now,
      updated_at: now,
      self: `/v2/images/${id}`,
      file: `/v2/images/${id}/file`,
      schema: '/v2/schemas/image',
    };
    this.#images.set(id, image);
    return image;
  }

  #upload(image: Image, data: Buffer): void {
    Object.assign(image, {
      status: 'active',
      size: data.length,
      virtual_size: data.length,
      checksum: createHash('md5').update(data).digest('hex'),
      os_hash_algo: 'sha512',
      os_hash_value: createHash('sha512').update(data).digest('hex'),
      stores: 'file',
      updated_at: isoSeconds(this.#now()),
    });
  }

  #versionRoutes(): void {
    const version = (minor: number): unknown => ({
      id: `v2.${minor}`,
      links: [{ href: `${this.service.url}/v2/`, rel: 'self' }],
      status: minor === 15 ? 'CURRENT' : 'SUPPORTED',
    });
    const versions = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    const answer = (status: number) => () => ({ status, body: { versions: versions.map(version) } });
    this.service.route('GET', '/', 'versions', answer(300), true);
    this.service.route('GET', '/versions', 'versions', answer(200), true);
    this.service.route('GET', '/v2/schemas/image', 'schemas.image', () => ({ body: IMAGE_SCHEMA }));
  }

  #imageRoutes(): void {
    const { service } = this;
    const find = (call: Call): Image => {
      const image = this.find(call.params['id'] ?? '', call);
      if (image === undefined) throw notFound(`No image found with ID ${call.params['id']}`);
      return image;
    };
    const own = (call: Call): Image => {
      const image = find(call);
      if (call.token.admin || image.owner === call.token.project?.id) return image;
      throw forbidden(`You are not permitted to modify image ${image.id}.`);
    };
    service.route('GET', '/v2/images', 'images.list', (call) => ({ body: this.#list(call) }));
    service.route('GET', '/v2/images/:id', 'images.get', (call) => ({ body: find(call) }));
    service.route('POST', '/v2/images', 'images.create', (call) => {
      const given = isObject(call.body) ? call.body : {};
      if (typeof given['id'] === 'string' && this.#images.has(given['id'])) {
        throw conflict(`Image ID ${given['id']} already exists!`);
      }
      if (given['visibility'] === 'public' && !call.token.admin) {
        throw forbidden('You are not authorized to complete publicize_image action.');
      }
      const image = this.#blank(call.token.project?.id ?? '', given);
      return { status: 201, body: image, headers: { Location: `${service.url}/v2/images/${image.id}` } };
    });
    service.route('PUT', '/v2/images/:id/file', 'images.upload', (call) => {
      const image = own(call);
      if (image.status !== 'queued')
        throw conflict(`Image status transition from ${image.status} to saving is not allowed`);
      this.#upload(image, Buffer.isBuffer(call.body) ? call.body : Buffer.from(String(call.body ?? '')));
      return { status: 204 };
    });
    service.route('PATCH', '/v2/images/:id', 'images.update', (call) => ({
      body: this.#patch(own(call), call.body),
    }));
    service.route('DELETE', '/v2/images/:id', 'images.delete', (call) => {
      const image = own(call);
      if (image.protected) throw forbidden(`Image ${image.id} is protected and cannot be deleted.`);
      this.#images.delete(image.id);
      return { status: 204 };
    });
  }

  #list(call: Call): unknown {
    const filters = Object.entries(call.query).filter(([key]) => FILTERS.has(key));
    let images = [...this.#images.values()].filter(
      (image) =>
        mayUse(call, image) &&
        filters.every(([key, wanted]) => [wanted].flat().some((one) => String(image[key]) === one)),
    );
    const marker = [call.query['marker']].flat()[0];
    if (marker) images = images.slice(images.findIndex((image) => image.id === marker) + 1);
    const limit = Number([call.query['limit']].flat()[0] ?? 1000);
    if (!Number.isSafeInteger(limit) || limit < 0) throw badRequest('limit param must be an integer');
    const page = images.slice(0, limit);
    const next =
      images.length > page.length ? { next: `/v2/images?marker=${page.at(-1)?.id}&limit=${limit}` } : {};
    return { images: page, first: '/v2/images', schema: '/v2/schemas/images', ...next };
  }

  /** JSON patches as Glance takes them: `add`, `replace`, `remove` of one field. */
  #patch(image: Image, body: unknown): Image {
    if (!Array.isArray(body)) throw badRequest('Request body must be a JSON array of operation objects.');
    for (const operation of body as unknown[]) {
      const { op, path, value } = isObject(operation) ? operation : {};
      const field = String(path).replace(/^\//, '');
      if (!['add', 'replace', 'remove'].includes(String(op)) || field === '')
        throw badRequest(`Operations must be one of add, replace, remove.`);
      if (READ_ONLY.has(field)) throw forbidden(`Attribute '${field}' is read-only.`);
      if (op === 'remove') delete image[field];
      else image[field] = value;
    }
    image['updated_at'] = isoSeconds(this.#now());
    return image;
  }
}

const FILTERS = new Set([
  'name',
  'status',
  'visibility',
  'owner',
  'id',
  'disk_format',
  'container_format',
  'protected',
]);
const READ_ONLY = new Set([
  'id',
  'status',
  'created_at',
  'updated_at',
  'checksum',
  'size',
  'self',
  'file',
  'schema',
  'owner',
]);

const mayUse = (call: Call, image: Image): boolean =>
  call.token.admin ||
  image.visibility === 'public' ||
  image.visibility === 'community' ||
  image.owner === call.token.project?.id;

const text = { type: ['null', 'string'] };
const IMAGE_SCHEMA = {
  name: 'image',
  properties: {
    id: { type: 'string' },
    name: text,
    status: { type: 'string' },
    visibility: { type: 'string' },
    owner: text,
    disk_format: text,
    container_format: text,
    min_disk: { type: 'integer' },
    min_ram: { type: 'integer' },
    size: { type: ['null', 'integer'] },
    tags: { type: 'array', items: { type: 'string' } },
  },
  additionalProperties: { type: 'string' },
};

/** Glance answers errors as a small page of HTML (401: keystonemiddleware's JSON). */
function renderError(error: ApiError): unknown {
  if (error.status === 401) return { error: { code: 401, message: error.message, title: 'Unauthorized' } };
  const title = `${error.status} ${TITLES[error.status] ?? 'Error'}`;
  return `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${escape(error.message)}<br /><br />\n\n\n </body>\n</html>`;
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
};

const escape = (message: string): string =>
  message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
