// oxlint-disable-next-line import/no-unassigned-import -- tsyringe wants it loaded before itself
import 'reflect-metadata';
import { container, type DependencyContainer } from 'tsyringe';

/**
 * The container of one Doctor. tsyringe stays behind this file: everything is found by token, nothing by its class,
 * because metadata of types is lost silently when a plugin is compiled without it.
 */
export interface Services {
  provide<T>(token: symbol, value: T): void;
  has(token: symbol): boolean;
  /** The value; undefined when nobody provides it. */
  get<T>(token: symbol): T | undefined;
  /** Forgets everything. */
  clear(): void;
}

/** A container of its own, so that several Doctors live in one process. */
export function createServices(): Services {
  const child: DependencyContainer = container.createChildContainer();
  return {
    provide: (token, value) => void child.register(token, { useValue: value }),
    has: (token) => child.isRegistered(token),
    get: <T>(token: symbol) => (child.isRegistered(token) ? child.resolve<T>(token) : undefined),
    clear: () => child.reset(),
  };
}
