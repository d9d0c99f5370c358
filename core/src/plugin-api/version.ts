/** Version of the plugin API. A plugin fits when its major is the same and its minor is not above this one. */
export const PLUGIN_API_VERSION = '1.0.0';
