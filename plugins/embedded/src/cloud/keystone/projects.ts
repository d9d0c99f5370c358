import { objectField, optionalText, readBoolean, textField } from '../http/body.js';
import { conflict, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { type Keystone, queryText, renderList, requireAdmin } from './identity.js';
import { DEFAULT_DOMAIN, type Project } from './store.js';

/** A project as Keystone gives it. */
export function renderProject(keystone: Keystone, project: Project): unknown {
  return {
    id: project.id,
    name: project.name,
    domain_id: project.domainId,
    description: project.description,
    enabled: project.enabled,
    parent_id: project.domainId,
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${keystone.service.url}/v3/projects/${project.id}` },
  };
}

export function addProjectRoutes(keystone: Keystone): void {
  const { service, store } = keystone;
  const find = (call: Call): Project => {
    const project = store.projects.get(call.params['id'] ?? '');
    if (project === undefined) throw notFound(`Could not find project: ${call.params['id']}.`);
    return project;
  };
  service.route('GET', '/v3/projects', 'projects.list', (call) => {
    requireAdmin(call, 'list_projects');
    const [name, domain] = [queryText(call, 'name'), queryText(call, 'domain_id')];
    const projects = [...store.projects.values()].filter(
      (item) =>
        (name === undefined || item.name === name) && (domain === undefined || item.domainId === domain),
    );
    return renderList(
      keystone,
      call,
      'projects',
      projects.map((item) => renderProject(keystone, item)),
    );
  });
  service.route('POST', '/v3/projects', 'projects.create', (call) => {
    requireAdmin(call, 'create_project');
    const given = objectField(call.body, 'project');
    const name = textField(given, 'name');
    const domainId = optionalText(given, 'domain_id') ?? DEFAULT_DOMAIN;
    if (store.projectByName(name, domainId) !== undefined) {
      throw conflict(
        'Conflict occurred attempting to store project - it is not permitted to have two projects with the same ' +
          `name in the same domain : ${name}.`,
      );
    }
    const enabled = readBoolean(given['enabled'] ?? true) ?? true;
    const project = store.addProject(name, optionalText(given, 'description') ?? '', domainId, enabled);
    return { status: 201, body: { project: renderProject(keystone, project) } };
  });
  service.route('GET', '/v3/projects/:id', 'projects.get', (call) => {
    if (call.token.project?.id !== call.params['id']) requireAdmin(call, 'get_project');
    return { body: { project: renderProject(keystone, find(call)) } };
  });
  service.route('PATCH', '/v3/projects/:id', 'projects.update', (call) => {
    requireAdmin(call, 'update_project');
    const project = find(call);
    const given = objectField(call.body, 'project');
    project.name = optionalText(given, 'name') ?? project.name;
    project.description = optionalText(given, 'description') ?? project.description;
    project.enabled = readBoolean(given['enabled'] ?? project.enabled) ?? project.enabled;
    return { body: { project: renderProject(keystone, project) } };
  });
  service.route('DELETE', '/v3/projects/:id', 'projects.delete', (call) => {
    requireAdmin(call, 'delete_project');
    const { id } = find(call);
    store.removeProject(id);
    keystone.tokens.revokeWhere((token) => token.project?.id === id);
    return { status: 204 };
  });
}
